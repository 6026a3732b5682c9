import { setImmediate as turn } from "node:timers/promises";
import { createFrames } from "./frames.ts";
import { TOO_LONG, readMessage } from "./message.ts";
import type { Output } from "./output.ts";
import type { Session } from "./session.ts";

/**
 * Has a session receive the messages of a chunk. Undefined: all of them, at once, as it is for nearly all; else no other chunk is to be
 * taken until this has resolved.
 */
export type Intake = (chunk: Buffer) => Promise<void> | undefined;

/** Messages that are taken before something else gets a turn: their answers, and the cancels of what they started. */
const AT_ONCE = 32;

export function createIntake(session: Session, output: Output): Intake {
  const frames = createFrames();
  let taken = 0;

  function take(): Promise<void> | undefined {
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      session.receive(frame ? readMessage(frame) : TOO_LONG);
      const isTurn = ++taken % AT_ONCE === 0;
      if (isTurn || session.deciding() || output.isFull()) return goOn(isTurn);
    }
    return undefined;
  }

  async function goOn(isTurn: boolean): Promise<void> {
    await session.deciding();
    if (isTurn) await turn();
    while (output.isFull()) await output.drained();
    return take();
  }

  return (chunk) => {
    frames.write(chunk);
    return take();
  };
}
