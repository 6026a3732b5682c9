import type { Readable } from "node:stream";
import type { Sink } from "./executor.ts";

const DRAIN_MS = 500;

export interface Pump {
  /**
   * Resolves when the stream has ended, or was given up after 500 ms in which it could flow; false: given up. After a timeout
   * or a cancel (`hurry`) our own reader is not waited for either.
   */
  drained(hurry: boolean): Promise<boolean>;
}

/** Hands a stream on to a sink, as fast as that takes it. */
export function pump(stream: Readable | null, sink: Sink): Pump {
  if (!stream) return { drained: () => Promise.resolve(true) };
  const source = stream;
  let ended = false;
  const end = new Promise<true>((resolve) => {
    source.once("close", () => {
      ended = true;
      resolve(true);
    });
  });
  source.on("error", () => undefined);
  source.on("data", (chunk: Buffer) => {
    const pressure = sink(chunk);
    if (!pressure) return;
    source.pause();
    const resume = (): void => void source.resume();
    pressure.then(resume, resume);
  });

  async function drained(hurry: boolean): Promise<boolean> {
    if (ended) return true;
    const timer = setInterval(() => {
      // While our own reader is slow the program is not to blame.
      if (hurry || !source.isPaused()) source.destroy(GIVEN_UP);
    }, DRAIN_MS);
    await end;
    clearInterval(timer);
    return source.errored !== GIVEN_UP;
  }
  return { drained };
}

const GIVEN_UP = new Error("the pipe was still held after the program's end");
