import { mentioned } from "../command/template.ts";
import type { HookRetry, HookValue, Webhook } from "../command/webhook.ts";
import { LONGEST_DELAY_MS } from "../command/command.ts";
import { isIdempotent } from "../webhooks/retry.ts";
import type { Draft } from "./draft.ts";
import { readAuth } from "./hook-auth.ts";
import { readBody } from "./hook-body.ts";
import { checkCredentials, formatOf, readHeaders } from "./hook-headers.ts";
import { readPrivate } from "./hook-private.ts";
import { readUrl } from "./hook-url.ts";
import { readPagination } from "./pagination.ts";
import type { Parameters } from "./params.ts";
import type { Reader } from "./places.ts";
import { type Bounds, readDuration } from "./quantity.ts";

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const HOOK_RETRY: HookRetry = {
  maxRetries: 3,
  delayMs: 1000,
  backoff: 2,
  statusCodes: [429, 502, 503, 504],
};
export const OK_STATUS: Webhook["okStatus"] = [[200, 299]];

const DELAY: Bounds = { least: 0, most: LONGEST_DELAY_MS, said: "of 5m at most" };

interface Around {
  readonly params: Parameters;
  /** Whether the command says that it may run twice. */
  readonly idempotent: boolean;
  /** Whether nothing says what its output is. */
  readonly isFree: boolean;
}

/** Reads `webhook`; null where it cannot be used. */
export function readWebhook(command: Draft, { params, idempotent, isFree }: Around): Webhook | null {
  const node = command.nodeOf("webhook");
  if (node?.kind !== "mapping") return null;
  const draft = command.inside(node);
  const reader: Reader = {
    draft,
    params,
    names: new Set([...params.declared, "call_id"]),
    instead: "",
    noun: "command",
  };
  const at = draft.nodeOf("url");
  const url = at?.kind === "scalar" ? readUrl(reader, at) : null;
  const bodyNode = draft.nodeOf("body");
  const headers = readHeaders(reader);
  const body = bodyNode ? readBody(reader, bodyNode, formatOf(draft, headers)) : null;
  const method = ((draft.get("method") as string | undefined) ?? (bodyNode ? "POST" : "GET")).toUpperCase();
  const auth = readAuth(draft);
  checkCredentials(draft, headers, auth);
  const pagination = readPagination(draft, method);
  const retry = readHookRetry(draft);
  if (retry && retry.maxRetries > 0 && !idempotent && !isIdempotent(method))
    draft.warn(
      draft.at("retry"),
      "never-reached",
      `${method} may do its work twice when it is sent twice, so that it is tried again only while nothing was sent`,
      "set `idempotent: true` at the command if the service takes it twice, or remove it",
    );
  const hosts = (draft.get("hosts") as readonly string[] | undefined) ?? [];
  if (!url || (bodyNode && !body)) return null;
  return {
    method,
    url,
    headers,
    body,
    auth,
    retry,
    okStatus: readStatus(draft.get("ok_status")),
    pagination,
    hosts,
    allowPrivate: readPrivate(draft, url, { auth, hosts }),
    structured: isFree,
  };
}

/** The names of the parameters that a request mentions. */
export function namesOf({ url, headers, body }: Webhook): readonly string[] {
  const query = url.query.flatMap(([, value]) => (value ? [value] : []));
  const templates = [...url.segments, ...query, ...Object.values(headers)];
  return [...templates.flatMap(mentioned), ...(body ? namesInBody(body) : [])];
}

function namesInBody(body: NonNullable<Webhook["body"]>): readonly string[] {
  if ("template" in body) return mentioned(body.template);
  return body.format === "form" ? body.fields.flatMap(([, value]) => namesIn(value)) : namesIn(body.value);
}

function namesIn(value: HookValue): readonly string[] {
  if (value.kind === "text") return mentioned(value.template);
  if (value.kind === "list") return value.items.flatMap(namesIn);
  return value.kind === "map" ? value.entries.flatMap(([, inner]) => namesIn(inner)) : [];
}

function readHookRetry(webhook: Draft): HookRetry | null {
  const node = webhook.nodeOf("retry");
  if (node?.kind !== "mapping") return null;
  const retry = webhook.inside(node);
  return {
    maxRetries: (retry.get("max_retries") as number | undefined) ?? HOOK_RETRY.maxRetries,
    delayMs: readDuration(retry, "delay", DELAY) ?? HOOK_RETRY.delayMs,
    backoff: readBackoff(retry.get("backoff")),
    statusCodes: (retry.get("status_codes") as readonly number[] | undefined) ?? HOOK_RETRY.statusCodes,
  };
}

/** `fixed` and `exponential` are the original's words. */
function readBackoff(value: unknown): HookRetry["backoff"] {
  if (value === "linear" || typeof value === "number") return value;
  return value === "fixed" ? 1 : HOOK_RETRY.backoff;
}

function readStatus(value: unknown): Webhook["okStatus"] {
  if (!Array.isArray(value)) return OK_STATUS;
  return value.map((item: unknown) => {
    const text = String(item);
    const [from = text, to = from] = text.includes("xx")
      ? [text.replace("xx", "00"), text.replace("xx", "99")]
      : text.split("-");
    return [Number(from), Number(to)];
  });
}
