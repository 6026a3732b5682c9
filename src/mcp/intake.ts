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

  function take(cut: Iterator<Buffer | null>): Promise<void> | undefined {
    for (let next = cut.next(); next.done !== true; next = cut.next()) {
      session.receive(next.value ? readMessage(next.value) : TOO_LONG);
      const isTurn = ++taken % AT_ONCE === 0;
      if (isTurn || session.deciding() || output.isFull()) return goOn(cut, isTurn);
    }
    return undefined;
  }

  async function goOn(cut: Iterator<Buffer | null>, isTurn: boolean): Promise<void> {
    await session.deciding();
    if (isTurn) await turn();
    while (output.isFull()) await output.drained();
    return take(cut);
  }

  return (chunk) => take(frames.write(chunk));
}
