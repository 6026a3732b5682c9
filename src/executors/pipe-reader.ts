import { Socket } from "node:net";
import { release } from "../base/bytes.ts";
import type { Output } from "./child.ts";

/** Most programs print a line or two: for these there is a part of Node's pool. */
const LEAST = 2048;
const MOST = 256 * 1024;
const GROWTH = 8;

/** The output that comes through a pipe, whose end is this file descriptor: all of it by the same memory, which grows when it was filled. */
export function readPipe(fd: number): Output {
  let memory = partOf(Buffer.allocUnsafe(LEAST + 1));
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
        if (isFull && memory.length < MOST)
          memory = partOf(Buffer.allocUnsafeSlow(Math.min(MOST, GROWTH * memory.length) + 1));
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

/** All but a byte: no chunk is all of its memory, so that nobody who has one can give it back. */
function partOf(memory: Buffer): Buffer {
  return memory.subarray(0, -1);
}
