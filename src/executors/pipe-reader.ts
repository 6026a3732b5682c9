import { Socket } from "node:net";
import { release } from "../base/bytes.ts";
import type { Output } from "./child.ts";

/** Most programs print a line or two: for these there is a part of Node's pool. */
const LEAST = 2048;
const MOST = 256 * 1024;
const GROWTH = 8;

/** The output that comes through a pipe, whose end is this file descriptor: all of it by the same memory, which grows when it was filled. */
export function readPipe(fd: number): Output {
  let memory: Buffer = Buffer.allocUnsafe(LEAST);
  let isFull = false;
  const socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: {
      callback: (count) => {
        isFull = count === memory.length;
        socket.emit("data", memory.subarray(0, count));
        return true;
      },
      // Asked before the first read, and behind each.
      buffer: () => {
        if (isFull && memory.length < MOST) memory = take(Math.min(MOST, GROWTH * memory.length));
        return memory;
      },
    },
  });
  // Where it was given up a listener may still be at the last chunk.
  socket.once("close", () => {
    if (socket.readableEnded && memory.length > LEAST) release(Buffer.from(memory.buffer));
  });
  return socket;
}

/** With a byte more behind it: no chunk is all of it, so that nobody who has one can give it back. */
function take(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(bytes + 1).subarray(0, bytes);
}
