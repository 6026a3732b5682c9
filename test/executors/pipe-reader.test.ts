import { spawnSync } from "node:child_process";
import { constants, createWriteStream, openSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Output } from "../../src/executors/child.ts";
import { readPipe } from "../../src/executors/pipe-reader.ts";
import { folder } from "../rig.ts";

interface Piece {
  readonly bytes: number;
  readonly isHeld: boolean;
}

const LARGEST = 256 * 1024;

function pipe(): { readonly path: string; readonly fd: number } {
  const path = join(folder(), "pipe");
  spawnSync("mkfifo", [path]);
  return { path, fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

describe("what is read from a pipe", () => {
  it("is what was written, whatever its pieces are and whoever is slow, and is the listener's until it resumes", async () => {
    const piece = fc.record({ bytes: fc.integer({ min: 1, max: 600_000 }), isHeld: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
        const { path, fd } = pipe();
        const written = pieces.map(({ bytes }, index) => Buffer.alloc(bytes, `${index} of these `));
        const read = collectFrom(fd, pieces);
        const writer = createWriteStream(path);
        for (const each of written) if (!writer.write(each)) await once(writer, "drain");
        writer.end();
        expect(Buffer.concat(await read).equals(Buffer.concat(written))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("comes in larger pieces when there is much of it, and its memory is given back behind it", async () => {
    const { path, fd } = pipe();
    const stream = readPipe(fd);
    const sizes: number[] = [];
    let last: Buffer | undefined;
    stream.on("data", (chunk: Buffer) => {
      sizes.push(chunk.length);
      last = chunk;
    });
    createWriteStream(path).end(Buffer.alloc(8 * 1024 ** 2));
    await told(stream, "close");
    expect(sizes[0]).toBe(2048);
    expect(Math.max(...sizes)).toBeGreaterThan(2048);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8 * 1024 ** 2);
    expect(last?.length).toBe(0);
  });

  it("stays with a listener that is at it when the pipe is given up", async () => {
    const { path, fd } = pipe();
    const stream = readPipe(fd);
    stream.on("error", () => undefined);
    const closed = told(stream, "close");
    const writer = createWriteStream(path);
    const chunks: Buffer[] = [];
    // The second is in memory that has grown, which is what is given back where the end came in order.
    const second = new Promise<void>((resolve) => {
      stream.on("data", (chunk: Buffer) => {
        if (chunks.push(chunk) < 2) return;
        stream.pause();
        resolve();
      });
    });
    writer.write("the last".repeat(1000));
    await second;
    stream.destroy(new Error("given up"));
    await closed;
    expect(Buffer.concat(chunks).subarray(2048).toString()).toBe("the last".repeat(744));
    writer.end();
    await once(writer, "close");
  });
});

function told(stream: Output, event: string): Promise<unknown> {
  return new Promise((resolve) => stream.once(event, resolve));
}

/** Copies every piece, some of them only when the stream has stood still for a while. */
async function collectFrom(fd: number, pieces: readonly Piece[]): Promise<readonly Buffer[]> {
  const stream = readPipe(fd);
  const read: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => {
    const turn = read.push(Buffer.alloc(0)) - 1;
    if (pieces[turn % pieces.length]?.isHeld !== true) {
      read[turn] = Buffer.from(chunk);
      return;
    }
    stream.pause();
    void (async () => {
      await wait(5);
      read[turn] = Buffer.from(chunk);
      stream.resume();
    })();
  });
  await told(stream, "close");
  return read;
}

async function wait(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}
