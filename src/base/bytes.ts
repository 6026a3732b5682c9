/**
 * Gives the memory of bytes back at once, where they own all of it: V8 collects buffers late, as it knows little of their size.
 * The bytes are empty from then on.
 */
export function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0) buffer.transfer(0);
}
