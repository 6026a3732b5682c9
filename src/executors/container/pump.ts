import type { Duplex } from "node:stream";
import type { Sink } from "../../base/sink.ts";
import { type Frames, readFrames } from "../../containers/frames.ts";
import type { CallIO } from "../executor.ts";
import { type Pump, setPatience } from "../pump.ts";

/** The output of a container, which comes as one stream of frames. */
export interface FramePump extends Pump, Pick<Frames, "closedAt"> {
  /** From now on it breaks off rather than wait for a sink: a stream that nobody reads keeps its engine from killing. */
  hurry(): void;
}

export function pumpFrames(stream: Duplex, { stdout, stderr }: Pick<CallIO, "stdout" | "stderr">): FramePump {
  let isHurried = false;
  let waits = 0;

  function guard(sink: Sink): Sink {
    return (chunk) => {
      const taken = sink(chunk);
      if (!taken) return undefined;
      waits += 1;
      if (isHurried) frames.stop();
      return taken.finally(() => (waits -= 1));
    };
  }

  const frames = readFrames(stream, { stdout: guard(stdout), stderr: guard(stderr) });

  function hurry(): void {
    isHurried = true;
    if (waits > 0) frames.stop();
  }

  async function drained(inHurry: boolean): Promise<boolean> {
    const stopClock = setPatience(() => inHurry || waits === 0, frames.stop);
    const end = await frames.end;
    stopClock();
    return end === "whole";
  }
  return { drained, hurry, closedAt: frames.closedAt };
}
