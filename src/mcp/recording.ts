import {
  type JSONRPCMessage,
  type JSONRPCResponse,
  ProtocolErrorCode,
  isJSONRPCResponse,
} from "@modelcontextprotocol/server";
import { eventOf } from "./exchange.ts";

/** The last events of a stream, so many of each kind that another kind pushes none of them out; an answer is kept until the end. */
export interface Recording {
  /** The message as the next event. */
  add(message: JSONRPCMessage): Event["text"];
  /** The number of the last event; the first has 1. */
  last(): number;
  /** What came after an event, and how many of them are no longer there. */
  after(number: number): { readonly events: readonly Event["text"][]; readonly leftOut: number };
  /** Characters that are kept; of answers, bytes. */
  size(): number;
}

/** Of what tells something, and of what asks for something; the newest stay. */
const NOTES = { events: 100, characters: 64 * 1024 };
const ASKS = { events: 32, characters: 1024 * 1024 };
/** Bytes of an answer. */
const LONGEST = 8 * 1024 * 1024;

export function createRecording(nameOf: (number: number) => string): Recording {
  const [answers, notes, asks] = [createRow(), createRow(NOTES), createRow(ASKS)];
  let last = 0;

  return {
    add: (message) => {
      const name = nameOf(++last);
      const text = eventOf(message, name);
      if (!isJSONRPCResponse(message)) {
        ("id" in message ? asks : notes).add({ number: last, text });
        return text;
      }
      const bytes = Buffer.from(text);
      answers.add({ number: last, text: bytes.length <= LONGEST ? bytes : tooLong(message, name) });
      return bytes;
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
  /** An answer is encoded once for all connections that it is sent to. */
  readonly text: string | Buffer;
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
function tooLong(message: JSONRPCResponse, name: string): Buffer {
  const text = `the connection was lost, and the answer is longer than the ${LONGEST} bytes that are kept for a client that comes back; ${whatIsLeft(message)}`;
  const { jsonrpc, id } = message;
  return Buffer.from(eventOf({ jsonrpc, id, error: { code: ProtocolErrorCode.InternalError, message: text } }, name));
}

/** A call has an id, by which its record is found; nothing else has one. */
function whatIsLeft(message: JSONRPCResponse): string {
  const facts = "result" in message ? message.result._meta?.["mcpfier/call"] : undefined;
  const { id } = (facts ?? {}) as { readonly id?: unknown };
  return typeof id === "string"
    ? `the call ${id} has been made, and its record, if one is kept, has its output`
    : "ask for it again where it may be asked for twice";
}
