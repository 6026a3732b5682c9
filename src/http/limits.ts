import { MOST_BYTES } from "../mcp/frames.ts";
import type { HttpDoorLimits } from "../mcp/http.ts";

/** What clients may take of the server, all of them together: as long as it listens on this machine only, they are one. */
export interface Limits extends HttpDoorLimits {
  /** Connections that are open; more are closed as they come. */
  readonly connections: number;
  /** Requests that are being answered, streams among them. */
  readonly exchanges: number;
  /** Bytes of one body, and of the bodies of all requests that are being answered. */
  readonly bodyBytes: number;
  readonly bodiesBytes: number;
  /** Bytes of answers that clients have not read. */
  readonly unreadBytes: number;
  readonly headerBytes: number;
  /** How long the headers, and the whole of a request, may take to arrive. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** How long a client may leave lie what it was sent. Longer than `keepAliveMs`, after which a silent stream says something. */
  readonly stallMs: number;
  readonly keepAliveMs: number;
}

export const LIMITS: Limits = {
  connections: 1024,
  // More than there may be sessions and subscriptions, so that their streams leave room for calls.
  exchanges: 768,
  sessions: 256,
  subscriptions: 256,
  bodyBytes: MOST_BYTES,
  bodiesBytes: 64 * 1024 * 1024,
  unreadBytes: 64 * 1024 * 1024,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  stallMs: 30_000,
  keepAliveMs: 15_000,
  idleMs: 30 * 60_000,
  yieldMs: 60_000,
  holdMs: Number.POSITIVE_INFINITY,
  keptStreams: 1024,
  readStreams: 128,
  keptCharacters: 64 * 1024 * 1024,
};
