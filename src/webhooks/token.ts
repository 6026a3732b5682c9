import type { Hooks } from "./request.ts";

/** A client of an OAuth 2.0 server, which gets tokens in its own name (RFC 6749 4.4). */
export interface TokenClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** How the client proves itself: by a basic header, which every server must take, or in the body. */
  readonly by: "header" | "body";
  readonly allowPrivate: readonly string[];
}

export interface TokenSource {
  /** A token that is good for a while; rejects with a `HookFault` of kind `token`, or with the signal's reason. */
  token(signal: AbortSignal): Promise<string>;
  /** For a token that was not accepted (401); what came in its place meanwhile is kept. */
  forget(token: string): void;
}

export declare function createTokenSource(hooks: Hooks, client: TokenClient): TokenSource;
