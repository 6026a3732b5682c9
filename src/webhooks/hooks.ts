import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { bodyOf, codingsOf } from "./body.ts";
import { exchange } from "./exchange.ts";
import { HookFault } from "./fault.ts";
import { guard } from "./guard.ts";
import { HTTP_TOKEN, headerProblem, plainHeaders } from "./headers.ts";
import { webUrl } from "./host.ts";
import { createPool } from "./pool.ts";
import { faultBehind, follow, locationOf } from "./redirect.ts";
import type { HookAnswer, HookRequest, Hooks } from "./request.ts";

export interface HooksOptions {
  /** Connections at once, to one host and to all. */
  readonly perHost?: number;
  readonly inAll?: number;
  /** How long a connection may take, TLS and look-up with it. */
  readonly connectMs?: number;
  /** In place of the system's look-up of names. */
  readonly lookup?: LookupFunction;
}

const CONNECT_MS = 10_000;
const MOST_REDIRECTS = 5;

/** HTTP by Node's own client. Proxies that the environment names are not used: they would look names up behind the guard. */
export function createHooks(options: HooksOptions = {}): Hooks {
  const { perHost = 8, inAll = 64, connectMs = CONNECT_MS, lookup = systemLookup() } = options;
  const pool = createPool({ perHost, inAll });
  const underWay = new Set<AbortController>();
  let isClosed = false;

  async function send(request: HookRequest, signal: AbortSignal): Promise<HookAnswer> {
    const home = urlOf(request);
    if (isClosed) throw new HookFault("unreachable", `${home.origin} is not asked: the server is stopping`);
    const cut = new AbortController();
    const giveUp = (): void => cut.abort(errorOf(signal));
    const end = (): void => {
      signal.removeEventListener("abort", giveUp);
      underWay.delete(cut);
    };
    underWay.add(cut);
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
    try {
      const first = { ...request, method: request.method.toUpperCase(), url: home.href };
      const answer = await travel(visit, first, home, cut.signal);
      answer.body.once("close", end);
      return answer;
    } catch (error) {
      end();
      throw error;
    }
  }

  async function visit(request: HookRequest, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const guarded = guard(url, request.allowPrivate, lookup);
    signal.throwIfAborted();
    const leave = await pool.enter(url, signal).catch((reason: unknown) => {
      throw reason instanceof HookFault ? reason : waited(url, perHost);
    });
    if (signal.aborted) leave();
    signal.throwIfAborted();
    return exchange({ request, url, guard: guarded, pool, connectMs, leave }, signal);
  }

  function close(): void {
    isClosed = true;
    for (const cut of underWay) cut.abort(new HookFault("lost", "the server is stopping"));
    pool.close();
  }

  return { send, close };
}

/** Asks one host. */
type Visit = (request: HookRequest, url: URL, signal: AbortSignal) => Promise<IncomingMessage>;

/** Follows redirects to their end. */
async function travel(visit: Visit, first: HookRequest, home: URL, signal: AbortSignal): Promise<HookAnswer> {
  const seen = new Set<string>();
  let request = first;
  for (;;) {
    const url = new URL(request.url);
    const answer = await visit(request, url, signal).catch((fault: unknown) => {
      throw seen.size === 0 ? fault : faultBehind(home, fault);
    });
    const status = answer.statusCode ?? 0;
    const location = locationOf(status, answer.headers.location);
    if (location === null) return answerOf(answer, request, signal);
    answer.destroy();
    seen.add(`${request.method} ${request.url}`);
    request = follow(request, status, location, home);
    if (seen.has(`${request.method} ${request.url}`))
      throw new HookFault("redirect", `${home.origin} leads in a circle; it is not followed`);
    if (seen.size > MOST_REDIRECTS)
      throw new HookFault("redirect", `${home.origin} leads on more than ${MOST_REDIRECTS} times; it is not followed`);
  }
}

function systemLookup(): LookupFunction {
  return process.getBuiltinModule("node:dns").lookup;
}

function answerOf(answer: IncomingMessage, request: HookRequest, signal: AbortSignal): HookAnswer {
  const codings = codingsOf(answer, request.method);
  const { origin } = new URL(request.url);
  return {
    status: answer.statusCode ?? 0,
    headers: plainHeaders(answer.headers, codings.length > 0 ? ["content-encoding", "content-length"] : []),
    url: request.url,
    body: bodyOf(answer, codings, origin, signal),
  };
}

/** Checks a request; throws a `refused`. */
function urlOf({ url: text, method, headers }: HookRequest): URL {
  const url = /[\0-\x20\x7f\\]/.test(text) ? null : webUrl(text);
  if (!url) throw refused("the URL is not an absolute http or https URL with a port from 1 to 65535");
  if (url.username !== "" || url.password !== "") throw refused("the URL holds a user; `auth` of the webhook takes it");
  if (!HTTP_TOKEN.test(method) || method.toUpperCase() === "CONNECT")
    throw refused(`${JSON.stringify(method)} is no method of webhooks`);
  for (const header of headers) {
    const problem = headerProblem(header);
    if (problem !== null) throw refused(problem);
  }
  url.hash = "";
  return url;
}

function waited({ origin }: URL, connections: number): HookFault {
  return new HookFault("unreachable", `it waited for one of the ${connections} connections to ${origin}`);
}

function refused(why: string): HookFault {
  return new HookFault("refused", `the request was not sent: ${why}`);
}

/** A reason may be anything, and streams end in errors only. */
function errorOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
