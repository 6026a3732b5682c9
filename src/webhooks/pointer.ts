/** What stands in a JSON value at a JSON pointer (RFC 6901); undefined where nothing does. */
export function atPointer(json: unknown, pointer: string): unknown {
  let value = json;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
