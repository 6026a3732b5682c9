import type { IncomingMessage } from "node:http";
import type { Limits } from "./limits.ts";
import type { Route } from "./routes/route.ts";
import { readTarget } from "./target.ts";

/** Why a request is not let in. */
export interface Refused {
  readonly status: number;
  /** What was expected, what came, what to do. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request is held against. */
export interface Rules {
  /** Exact values of Host and of Origin, in small letters. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  /** Those of the origins whose pages are elsewhere, and may read answers all the same. */
  readonly foreign: ReadonlySet<string>;
  readonly limits: Pick<Limits, "bodyBytes">;
}

interface Guarded {
  readonly incoming: IncomingMessage;
  /** What there is at its path; undefined: nothing. */
  readonly route: Route | undefined;
  readonly rules: Rules;
}

type Guard = (guarded: Guarded) => Refused | undefined;

/**
 * Each request passes these, in this order, before a byte of its body is read. Whoever is to prove who he is does so behind
 * `noForeignOrigin`, and is asked before his body is.
 */
const GUARDS: readonly Guard[] = [
  // First: of two values of a header the others would see one.
  noDuplicates,
  // A page of another site reaches this machine under that site's name (DNS rebinding).
  ownHost,
  noForeignOrigin,
  // From here on it is told what there is.
  knownPath,
  knownMethod,
  // A page may post text without asking, but not JSON.
  jsonOnly,
  // What is small on the wire may be endless.
  nothingPacked,
  acceptsAnswer,
  // The declared length; what comes is counted, too.
  smallEnough,
];

/** Why a request is not let in; undefined: it is. */
export function guard(guarded: Guarded): Refused | undefined {
  for (const each of GUARDS) {
    const refused = each(guarded);
    if (refused) return refused;
  }
  return undefined;
}

const ONCE = /^(?:host|origin|authorization|content-(?:length|type|encoding)|transfer-encoding|last-event-id|mcp-.*)$/;

function noDuplicates({ incoming: { rawHeaders } }: Guarded): Refused | undefined {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const twice = names.find((name, at) => ONCE.test(name) && names.indexOf(name) !== at);
  return twice === undefined ? undefined : { status: 400, text: `${twice}: expected it once, came twice` };
}

/** Where the target names a host too, both count: they may differ, and only one of them was meant. */
function ownHost({ incoming: { headers, url = "" }, rules }: Guarded): Refused | undefined {
  const { authority } = readTarget(url);
  const hosts = [headers.host ?? "", ...(authority === undefined ? [] : [authority])];
  const foreign = hosts.find((host) => !rules.hosts.has(host.toLowerCase()));
  if (foreign === undefined) return undefined;
  return {
    status: 403,
    text: `host: expected ${list(rules.hosts)}, came "${foreign}"; \`--allow-host\` allows another`,
  };
}

function noForeignOrigin({ incoming: { headers }, rules }: Guarded): Refused | undefined {
  const { origin } = headers;
  if (origin === undefined || rules.origins.has(origin.toLowerCase())) return undefined;
  return { status: 403, text: `origin: "${origin}" is not allowed; \`--allow-origin\` allows it` };
}

function knownPath({ route }: Guarded): Refused | undefined {
  return route ? undefined : { status: 404, text: "there is nothing here; the protocol is served at /mcp" };
}

function knownMethod({ incoming: { method = "", headers }, route, rules }: Guarded): Refused | undefined {
  const methods = route?.methods ?? [];
  if (methods.includes(method) || (method === "OPTIONS" && rules.foreign.has(headers.origin ?? ""))) return undefined;
  const allow = methods.join(", ");
  return { status: 405, text: `expected ${allow}, came ${method}`, headers: { allow } };
}

function jsonOnly({ incoming: { method, headers } }: Guarded): Refused | undefined {
  const type = headers["content-type"] ?? "";
  if (method !== "POST" || /^application\/json[ \t]*(?:;|$)/i.test(type)) return undefined;
  return { status: 415, text: `content-type: expected application/json, came "${type}"` };
}

function nothingPacked({ incoming: { headers } }: Guarded): Refused | undefined {
  const coding = headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() === "identity") return undefined;
  const text = `content-encoding: expected none, came "${coding}"`;
  return { status: 415, text, headers: { "accept-encoding": "identity" } };
}

function acceptsAnswer({ incoming: { method, headers }, route }: Guarded): Refused | undefined {
  const { accept = "*/*" } = headers;
  if (method === "DELETE" || route?.answers !== "events" || /text\/(?:event-stream|\*)|\*\/\*/i.test(accept))
    return undefined;
  return { status: 406, text: `accept: expected application/json, text/event-stream, came "${accept}"` };
}

function smallEnough({ incoming: { headers }, rules: { limits } }: Guarded): Refused | undefined {
  return Number(headers["content-length"] ?? 0) > limits.bodyBytes ? tooLarge(limits) : undefined;
}

export function tooLarge({ bodyBytes }: Rules["limits"]): Refused {
  return { status: 413, text: `expected a body of at most ${bodyBytes} bytes, came more; send less at once` };
}

function list(values: ReadonlySet<string>): string {
  return [...values].join(" or ");
}
