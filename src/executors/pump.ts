import { release } from "../base/bytes.ts";
import type { Sink } from "../base/sink.ts";
import type { Output } from "./child.ts";

/** How long what a program left may take to come in when it has ended. */
const DRAIN_MS = 500;
/** By how much of that it is told apart whether our own reader was slow meanwhile. */
const STEP_MS = 50;

export interface Pump {
  /**
   * Resolves when the stream has ended and the sink is done, or the stream was given up after 500 ms in which it could flow;
   * false: given up, or broken off. After a timeout or a cancel (`hurry`) our own reader is not waited for either.
   */
  drained(hurry: boolean): Promise<boolean>;
}

/** Passes what a stream gives on, as fast as the sink takes it, and gives the memory of each chunk back behind it. */
export function pump(stream: Output | null, sink: Sink): Pump {
  if (!stream) return { drained: () => Promise.resolve(true) };
  const source = stream;
  let ended = false;
  let taken: Promise<void> | null = null;
  const end = new Promise<true>((resolve) => {
    source.once("close", () => {
      ended = true;
      resolve(true);
    });
  });
  source.on("error", () => undefined);
  source.on("data", (chunk: Buffer) => {
    // Node lets a paused stream flow when its process has exited; what comes then waits for its turn.
    const pressure = taken ? taken.then(() => (isGivenUp() ? undefined : sink(chunk))) : sink(chunk);
    if (!pressure) {
      release(chunk);
      return;
    }
    source.pause();
    const done = pressure.catch(ignore).finally(() => {
      release(chunk);
      if (taken !== done) return;
      taken = null;
      source.resume();
    });
    taken = done;
  });

  function isGivenUp(): boolean {
    return source.errored === GIVEN_UP;
  }

  async function drained(hurry: boolean): Promise<boolean> {
    if (!ended) await ending(hurry);
    // The end may come while the sink is at the last chunk.
    if (!hurry) await taken;
    return source.errored === null;
  }

  async function ending(hurry: boolean): Promise<void> {
    const stopClock = setPatience(
      () => hurry || !source.isPaused(),
      () => source.destroy(GIVEN_UP),
    );
    await end;
    stopClock();
  }
  return { drained };
}

/** Gives a stream up after 500 ms in which it could flow: while our own reader is slow the program is not to blame. */
export function setPatience(canFlow: () => boolean, giveUp: () => void): () => void {
  let left = DRAIN_MS;
  const timer = setInterval(() => {
    if (canFlow()) left -= STEP_MS;
    if (left > 0) return;
    clearInterval(timer);
    giveUp();
  }, STEP_MS);
  return () => clearInterval(timer);
}

const GIVEN_UP = new Error("the pipe was still held after the program's end");

function ignore(): void {
  // A sink that fails takes no more than its chunk with it.
}
