import { type JSONRPCMessage, ProtocolErrorCode, isJSONRPCResponse } from "@modelcontextprotocol/server";
import { eventOf } from "./exchange.ts";

/** The last events of a stream, so many of each kind that another kind pushes none of them out; an answer is kept until the end. */
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

/** Of what tells something, and of what asks for something; the newest stay. */
const NOTES = { events: 100, characters: 64 * 1024 };
const ASKS = { events: 32, characters: 1024 * 1024 };
/** Characters of an answer. */
const LONGEST = 8 * 1024 * 1024;

export function createRecording(nameOf: (number: number) => string): Recording {
  const [answers, notes, asks] = [createRow(), createRow(NOTES), createRow(ASKS)];
  let last = 0;

  return {
    add: (message) => {
      const name = nameOf(++last);
      const text = eventOf(message, name);
      const isAnswer = isJSONRPCResponse(message);
      if (!isAnswer) ("id" in message ? asks : notes).add({ number: last, text });
      else answers.add({ number: last, text: text.length <= LONGEST ? text : tooLong(message, name) });
      return text;
    },
    last: () => last,
    after: (number) => {
      const later = [answers, notes, asks].flatMap((row) => row.after(number));
      const events = later.toSorted((one, other) => one.number - other.number).map(({ text }) => text);
      return { events, leftOut: Math.max(0, last - number - events.length) };
    },
    size: () => answers.size() + notes.size() + asks.size(),
  };
}

interface Event {
  readonly number: number;
  readonly text: string;
}

interface Row extends Pick<Recording, "size"> {
  add(event: Event): void;
  after(number: number): readonly Event[];
}

/** Default: no bounds. */
function createRow(most = { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY }): Row {
  /** The oldest first. */
  const events = new Set<Event>();
  let size = 0;
  return {
    add: (event) => {
      events.add(event);
      size += event.text.length;
      for (const oldest of events) {
        if (events.size <= most.events && size <= most.characters) return;
        events.delete(oldest);
        size -= oldest.text.length;
      }
    },
    after: (number) => Array.from(events).filter((event) => event.number > number),
    size: () => size,
  };
}

/** So that whoever waits for it does so no longer. */
function tooLong(message: JSONRPCMessage, name: string): string {
  const id = "id" in message ? message.id : undefined;
  const text = `the connection was lost, and the answer is longer than the ${LONGEST} characters that are kept for a client that comes back; what was asked for has been done, and its record has its output`;
  return eventOf({ jsonrpc: "2.0", id, error: { code: ProtocolErrorCode.InternalError, message: text } }, name);
}
