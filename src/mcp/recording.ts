import { type JSONRPCMessage, ProtocolErrorCode, isJSONRPCResponse } from "@modelcontextprotocol/server";
import { eventOf } from "./exchange.ts";

/** The last events of a stream. Of notifications few are kept; what asks and what answers is kept until the end. */
export interface Recording {
  /** The message as the next event. */
  add(message: JSONRPCMessage): string;
  /** The number of the last event; the first has 1. */
  last(): number;
  /** What came after an event, and how many of them are no longer there. */
  after(number: number): { readonly events: readonly string[]; readonly leftOut: number };
  /** Characters that are kept. */
  size(): number;
}

interface Kept {
  readonly number: number;
  readonly text: string;
}

/** Of notifications, in a stream: the newest stay. */
const MOST = 100;
const MOST_CHARACTERS = 64 * 1024;
/** Of an answer. */
const LONGEST = 8 * 1024 * 1024;

export function createRecording(nameOf: (number: number) => string): Recording {
  const kept = new Set<Kept>();
  const notes = new Set<Kept>();
  let noted = 0;
  let size = 0;
  let last = 0;

  function add(message: JSONRPCMessage): string {
    const text = eventOf(message, nameOf(++last));
    if ("id" in message) keep({ number: last, text: text.length <= LONGEST ? text : tooLong(message, nameOf(last)) });
    else note({ number: last, text });
    return text;
  }

  function note(event: Kept): void {
    keep(event);
    notes.add(event);
    noted += event.text.length;
    for (const oldest of notes) {
      if (notes.size <= MOST && noted <= MOST_CHARACTERS) return;
      notes.delete(oldest);
      kept.delete(oldest);
      noted -= oldest.text.length;
      size -= oldest.text.length;
    }
  }

  function keep(event: Kept): void {
    kept.add(event);
    size += event.text.length;
  }

  return {
    add,
    last: () => last,
    after: (number) => {
      const later = Array.from(kept).filter((event) => event.number > number);
      return { events: later.map(({ text }) => text), leftOut: Math.max(0, last - number - later.length) };
    },
    size: () => size,
  };
}

/** So that whoever waits for it does so no longer. */
function tooLong(message: JSONRPCMessage, name: string): string {
  const id = isJSONRPCResponse(message) ? message.id : undefined;
  const text = `the connection was lost, and the answer is longer than the ${LONGEST} characters that are kept for a client that comes back; what was asked for has been done, and its record has its output`;
  return id === undefined
    ? `: a request that is too long to be kept\n\n`
    : eventOf({ jsonrpc: "2.0", id, error: { code: ProtocolErrorCode.InternalError, message: text } }, name);
}
