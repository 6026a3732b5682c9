import type { Readable } from "node:stream";

/** One HTTP request, fully rendered. */
export interface HookRequest {
  readonly method: string;
  /** Absolute, http or https, without a user. */
  readonly url: string;
  readonly headers: readonly HookHeader[];
  readonly body: Buffer | null;
  /** Names of headers that, beside Authorization and Cookie, are not taken along when a redirect leads to another service. */
  readonly credentials: readonly string[];
  /** Whether the body holds a secret, so that nothing that leads to another service may take it along. */
  readonly isBodySecret: boolean;
  /** Hosts (`host` or `host:port`) that redirects may lead to, beside the URL's own. */
  readonly hosts: readonly string[];
  /** Hosts, by the name or address that stands in the URL, whose addresses may be private; there is no wildcard. */
  readonly allowPrivate: readonly string[];
}

export type HookHeader = readonly [name: string, value: string];

export interface HookAnswer {
  readonly status: number;
  /** By lower-case name; those that came more than once are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** After redirects. */
  readonly url: string;
  /** Decompressed; ends in a `HookFault` when not all of it came, and in the signal's reason when that aborts. */
  readonly body: Readable;
}

/** Sends requests, through one pool of connections. */
export interface Hooks {
  /**
   * Resolves with the answer's head; its body must be read to the end or destroyed. Rejects with a `HookFault`, or with the
   * signal's reason; when that aborts while it waits for a connection, with an `unreachable`.
   */
  send(request: HookRequest, signal: AbortSignal): Promise<HookAnswer>;
  /** Cuts what is under way. */
  close(): void;
}
