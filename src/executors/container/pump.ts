import type { Duplex } from "node:stream";
import { readFrames } from "../../containers/frames.ts";
import type { CallIO, Sink } from "../executor.ts";
import type { Pump } from "../pump.ts";

const DRAIN_MS = 500;

/** The output of a container, which comes as one stream of frames. */
export interface FramePump extends Pump {
  /** From now on no sink is waited for and nothing is passed on: a stream that nobody reads keeps its engine from killing. */
  hurry(): void;
}

export function pumpFrames(stream: Duplex, { stdout, stderr }: Pick<CallIO, "stdout" | "stderr">): FramePump {
  const hurried = Promise.withResolvers<void>();
  let isHurried = false;
  let waits = 0;

  function guard(sink: Sink): Sink {
    return (chunk) => {
      const taken = isHurried ? undefined : sink(chunk);
      if (!taken) return undefined;
      waits += 1;
      const done = taken.catch(ignore).finally(() => (waits -= 1));
      return Promise.race([done, hurried.promise]);
    };
  }

  const frames = readFrames(stream, { stdout: guard(stdout), stderr: guard(stderr) });

  function hurry(): void {
    isHurried = true;
    hurried.resolve();
  }

  async function drained(inHurry: boolean): Promise<boolean> {
    const timer = setInterval(() => {
      // While our own reader is slow the engine is not to blame.
      if (inHurry || waits === 0) frames.stop();
    }, DRAIN_MS);
    const end = await frames.end;
    clearInterval(timer);
    return end === "whole" && !isHurried;
  }
  return { drained, hurry };
}

function ignore(): void {
  // A sink that fails takes no more than its chunk with it.
}
