import type { Readable } from "node:stream";
import { HookFault } from "./fault.ts";
import { isHost } from "./host.ts";
import { atPointer } from "./pointer.ts";
import type { HookRequest, Hooks } from "./request.ts";

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
  /**
   * A token that is good for a while. Rejects with a `HookFault`, of kind `token` when the server denies one and `unreachable`
   * when it may give one later, or with the signal's reason.
   */
  token(signal: AbortSignal): Promise<string>;
  /**
   * For a token that was not accepted (401); what came in its place meanwhile is kept. False: so is this one, which came in place
   * of another itself shortly before: a further one would fare no better.
   */
  forget(token: string): boolean;
}

/** A token as it came, and until when it is used, in milliseconds since 1970. */
interface Grant {
  readonly token: string;
  readonly until: number;
}

/** Tokens of which nobody says how long they are good. */
const UNTOLD_S = 5 * 60;
/** So long before its end a token is not used any more, or a tenth of its life when that is shorter. */
const EARLY_MS = 30_000;
/** So long after a token was forgotten no other is. */
const CALM_MS = 30_000;
const LONGEST_S = 24 * 60 * 60;
const ANSWER_BYTES = 256 * 1024;

/** Those who ask at once share one request, which ends when none of them waits any longer. */
export function createTokenSource(hooks: Hooks, client: TokenClient): TokenSource {
  let held: Grant | null = null;
  let asking: Asking | null = null;
  let forgotten = Number.NEGATIVE_INFINITY;

  async function token(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (held && Date.now() < held.until) return held.token;
    if (!asking || asking.isOver())
      asking = createAsking(async (cut) => {
        held = await grantOf(hooks, client, cut);
        return held.token;
      });
    return asking.wait(signal);
  }

  function forget(stale: string): boolean {
    if (held?.token !== stale) return true;
    if (performance.now() - forgotten < CALM_MS) return false;
    forgotten = performance.now();
    held = null;
    return true;
  }

  return { token, forget };
}

/** One request that several wait for. */
interface Asking {
  wait(signal: AbortSignal): Promise<string>;
  /** Nobody waits for it any more. */
  isOver(): boolean;
}

function createAsking(ask: (signal: AbortSignal) => Promise<string>): Asking {
  const cut = new AbortController();
  const answer = ask(cut.signal);
  let waiting = 0;

  async function wait(signal: AbortSignal): Promise<string> {
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", giveUp);
    waiting += 1;
    try {
      return await Promise.race([answer, promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
      waiting -= 1;
      if (waiting === 0) cut.abort();
    }
  }

  return { wait, isOver: () => cut.signal.aborted };
}

async function grantOf(hooks: Hooks, client: TokenClient, signal: AbortSignal): Promise<Grant> {
  const url = URL.parse(client.tokenUrl);
  const where = url?.origin ?? "the token server";
  // RFC 6749 3.2: what is sent there is a password.
  if (url?.protocol === "http:" && !client.allowPrivate.some((entry) => isHost(entry, url)))
    throw denial(where, "its URL must begin with `https:`, or its host be listed in `allow_private`");
  const asked = Date.now();
  try {
    const answer = await hooks.send(requestOf(client), signal);
    return grantIn(where, answer.status, await jsonOf(where, answer.body), asked);
  } catch (error) {
    if (!(error instanceof HookFault) || error.kind === "token") throw error;
    const isPassing = error.kind === "unreachable" || error.kind === "lost";
    throw isPassing ? absence(where, error.message) : denial(where, error.message);
  }
}

function requestOf({ tokenUrl, clientId, clientSecret, scopes, by, allowPrivate }: TokenClient): HookRequest {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  if (by === "body") {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  }
  const proof = proofOf(clientId, clientSecret);
  return {
    method: "POST",
    url: tokenUrl,
    headers: [
      ["Content-Type", "application/x-www-form-urlencoded"],
      ["Accept", "application/json"],
      ...(by === "header" ? ([["Authorization", `Basic ${proof}`]] as const) : []),
    ],
    body: Buffer.from(form.toString()),
    credentials: [],
    isBodySecret: by === "body",
    hosts: [],
    allowPrivate,
  };
}

/** What the basic header of a client says: RFC 6749 2.3.1 has its name and its password written as forms are. */
export function proofOf(clientId: string, clientSecret: string): string {
  return Buffer.from(`${formText(clientId)}:${formText(clientSecret)}`).toString("base64");
}

function formText(value: string): string {
  return new URLSearchParams({ value }).toString().slice("value=".length);
}

async function jsonOf(where: string, body: Readable): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ANSWER_BYTES) throw denial(where, `its answer is longer than ${ANSWER_BYTES / 1024} KiB`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** RFC 6749 5. An answer's own sentences are not repeated: some servers write in them what they were sent. */
function grantIn(where: string, status: number, json: unknown, asked: number): Grant {
  if (status >= 500 || status === 429) throw absence(where, `it answered HTTP ${status}`);
  const token = atPointer(json, "/access_token");
  const kind = atPointer(json, "/token_type") ?? "bearer";
  const why = atPointer(json, "/error");
  if (status !== 200) {
    const code = typeof why === "string" && /^[a-z_]{1,64}$/.test(why) ? `, ${why}` : "";
    throw denial(
      where,
      `it answered HTTP ${status}${code}; are \`client_id\`, \`client_secret\` and the scopes right?`,
    );
  }
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token))
    throw denial(where, "its answer holds no `access_token`");
  if (typeof kind !== "string" || kind.toLowerCase() !== "bearer")
    throw denial(where, "its token is none of the bearer type");
  const lifeMs = 1000 * lifeOf(atPointer(json, "/expires_in"));
  return { token, until: asked + lifeMs - Math.min(EARLY_MS, lifeMs / 10) };
}

/** In seconds; some servers write the number as text. */
function lifeOf(told: unknown): number {
  const seconds = typeof told === "string" || typeof told === "number" ? Number(told) : Number.NaN;
  return seconds >= 0 ? Math.min(seconds, LONGEST_S) : UNTOLD_S;
}

function denial(where: string, why: string): HookFault {
  return new HookFault("token", `${where} gave no token: ${why}`);
}

function absence(where: string, why: string): HookFault {
  return new HookFault("unreachable", `${where} gave no token now: ${why}`);
}
