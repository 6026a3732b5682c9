import { randomBytes } from "node:crypto";
import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Archive, Archived } from "./archive.ts";
import { type Exchange, answerError } from "./exchange.ts";
import { refuse } from "./message.ts";
import { type Tape, type TapeOptions, createTape } from "./tape.ts";

/** The streams of one session that its client may take up again. */
export interface Tapes {
  open(exchange: Exchange): Tape;
  /** Goes on with the stream of an event, after it. */
  resume(exchange: Exchange, lastEvent: string): void;
  end(): void;
}

export interface TapesOptions extends Pick<TapeOptions, "headers" | "holdMs"> {
  readonly archive: Archive;
  isPolled(): boolean;
}

export function createTapes({ archive, isPolled, ...options }: TapesOptions): Tapes {
  const tapes = new Map<string, Archived & { readonly tape: Tape }>();
  let isEnded = false;

  function open(exchange: Exchange): Tape {
    // Of this session alone: one that knows the event of another has not got its stream.
    const id = randomBytes(6).toString("hex");
    const changed = (): void => {
      if (!isEnded && tape.isOver() && tapes.has(id)) archive.keep(one);
    };
    const tape = createTape({ ...options, id, isPolled: isPolled(), changed });
    const one = { tape, size: tape.size, wasRead: tape.isHeard, forget: () => void tapes.delete(id) };
    tapes.set(id, one);
    tape.playTo(exchange, 0);
    return tape;
  }

  function resume(exchange: Exchange, lastEvent: string): void {
    const [, id = "", number = ""] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEvent) ?? [];
    const found = tapes.get(id);
    if (found && Number(number) <= found.tape.last()) return found.tape.playTo(exchange, Number(number));
    return answerError(exchange, 410, refuse(null, ProtocolErrorCode.InvalidRequest, FORGOTTEN));
  }

  return {
    open,
    resume,
    end: () => {
      isEnded = true;
      for (const one of tapes.values()) {
        archive.drop(one);
        one.tape.end();
      }
      tapes.clear();
    },
  };
}

const FORGOTTEN =
  "last-event-id: expected an event of a stream that is kept in this session; this one is not, or not any more: listen without it";
