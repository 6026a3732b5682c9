import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { ErrorReply } from "./message.ts";

/** One HTTP request and the way back, as the protocol's side has them. */
export interface Exchange {
  /** Method and headers; the body stands apart. Its signal aborts when the client goes before the answer is over. */
  readonly request: Request;
  readonly body: Buffer;
  /** Whom it is from; a session belongs to one. */
  readonly client: string;
  /** Gives the whole answer, of JSON where there is any. */
  answer(status: number, text: string, headers?: Readonly<Record<string, string>>): void;
  /** Begins an answer of server-sent events. What is written after the client has gone is lost. */
  stream(headers?: Readonly<Record<string, string>>): EventStream;
  /** Resolves at once while the client reads, else when it has read what there was, or has gone. */
  drained(): Promise<void>;
  /** Told of the call that it asks for: when it begins, and again with the outcome when it has ended. */
  called(call: AskedCall): void;
}

export interface AskedCall {
  readonly id: string;
  /** Told with its beginning. */
  readonly caller?: string;
  readonly outcome: string | null;
}

export interface EventStream {
  /** A text, or the bytes of one. */
  write(events: string | Buffer): void;
  end(): void;
  /** Ends it for a client that has another connection by now: what it has not read is let go, and the connection with it. */
  drop(): void;
}

/** A message as an event of a stream, with a name where the stream can be taken up again. */
export function eventOf(message: object, name?: string): string {
  return `event: message\n${name === undefined ? "" : `id: ${name}\n`}data: ${JSON.stringify(message)}\n\n`;
}

export function answerError(exchange: Exchange, status: number, { reply }: { readonly reply: ErrorReply }): void {
  exchange.answer(status, JSON.stringify(reply));
}

/** Nothing is wrong with what was asked: it may be asked again later. */
export function answerBusy(exchange: Exchange, id: ErrorReply["id"], message: string): void {
  const reply: ErrorReply = { jsonrpc: "2.0", id, error: { code: ProtocolErrorCode.InternalError, message } };
  exchange.answer(503, JSON.stringify(reply), { "retry-after": "1" });
}
