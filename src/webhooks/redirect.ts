import { HookFault, type HookFaultKind } from "./fault.ts";
import { isHost, portOf, webUrl } from "./host.ts";
import type { HookRequest } from "./request.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS = ["authorization", "cookie"];
/** Of a body that is not sent any more. */
const OF_BODY = ["content-encoding", "content-language", "content-location", "content-type"];

/** Whether an answer leads elsewhere, and where to. */
export function locationOf(status: number, location: string | undefined): string | null {
  // Node reads headers as Latin-1; an address that is not escaped is UTF-8.
  return REDIRECTS.has(status) && location ? Buffer.from(location, "latin1").toString() : null;
}

/**
 * The request that follows a redirect; `home` is the URL that all began with. As browsers do it (Fetch, HTTP-redirect fetch):
 * a POST that is moved becomes a GET, and 307 and 308 keep it. Throws a `redirect`.
 */
export function follow(request: HookRequest, status: number, location: string, home: URL): HookRequest {
  const { method } = request;
  const becomesGet = status === 303 ? method !== "GET" && method !== "HEAD" : status < 303 && method === "POST";
  const next = becomesGet ? { ...request, method: "GET", body: null, headers: without(request, OF_BODY) } : request;
  return lead(next, location, home);
}

/**
 * The same request to where an answer leads, without its credentials when that is another service. Throws a `redirect`, also
 * where they would stand in its body.
 */
export function lead(request: HookRequest, location: string, home: URL): HookRequest {
  const from = new URL(request.url);
  const to = webUrl(location, from.href);
  if (!to) throw stray(from, "what is no http or https URL");
  if (to.username !== "" || to.password !== "") throw stray(from, `a user at ${to.host}`);
  if (from.protocol === "https:" && to.protocol === "http:") throw stray(from, `${to.origin}, which is not encrypted`);
  if (!isSame(to, home) && !request.hosts.some((entry) => isHost(entry, to)))
    throw stray(from, `${to.origin}, which the webhook does not list in \`hosts\``);
  to.hash = "";
  if (isSame(to, from)) return { ...request, url: to.href };
  if (request.body && request.isBodySecret)
    throw stray(from, `${to.origin}, which may not have the secrets of the body`);
  const dropped = [...CREDENTIALS, ...request.credentials.map((name) => name.toLowerCase())];
  return { ...request, url: to.href, headers: without(request, dropped) };
}

/** What went wrong behind a redirect, of a request that its service has had: nothing may say then that it was not sent. */
export function faultBehind(home: URL, fault: unknown): unknown {
  const kind = fault instanceof HookFault ? BEHIND[fault.kind] : undefined;
  if (!(fault instanceof HookFault) || kind === undefined) return fault;
  return new HookFault(kind, `${home.origin} was asked, and leads on: ${fault.message}`);
}

const BEHIND: Readonly<Partial<Record<HookFaultKind, HookFaultKind>>> = {
  unreachable: "lost",
  forbidden: "redirect",
  refused: "redirect",
};

/**
 * The same origin, or the same host by TLS at the usual ports: what may be sent to the one in plain text may be sent to the other.
 * Never the other way round.
 */
export function isSame(to: URL, from: URL): boolean {
  if (to.origin === from.origin) return true;
  const isRaised = from.protocol === "http:" && to.protocol === "https:";
  return isRaised && to.hostname === from.hostname && portOf(from) === 80 && portOf(to) === 443;
}

function without({ headers }: HookRequest, names: readonly string[]): HookRequest["headers"] {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()));
}

function stray(from: URL, where: string): HookFault {
  return new HookFault("redirect", `${from.origin} leads to ${where}; it is not followed`);
}
