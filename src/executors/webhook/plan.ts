import { type Complaint, refuseAll } from "../../base/refusal.ts";
import type { Values } from "../../command/arguments.ts";
import { type Command, parameterOf } from "../../command/command.ts";
import { fill } from "../../command/render.ts";
import type { HookAuth, HookRetry, Pagination, Webhook } from "../../command/webhook.ts";
import { NOT_IN_HEADERS } from "../../webhooks/headers.ts";
import { isIdempotent } from "../../webhooks/retry.ts";
import { proofOf } from "../../webhooks/token.ts";
import type { CallPlan } from "../call-plan.ts";
import type { PlanContext } from "../executor.ts";
import { secretArguments } from "../program.ts";
import { renderBody } from "./body.ts";
import type { HookFilling } from "./data.ts";
import { renderUrl } from "./url.ts";

/** What decides a call that is an HTTP request. What only a program has is empty; `argv` is the method and the URL, for reading. */
export interface WebhookPlan extends CallPlan {
  readonly executor: "webhook";
  readonly cwd: null;
  readonly method: string;
  readonly url: string;
  /** In their order, with credentials that are the same for every call. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** Names of headers that carry credentials. */
  readonly credentials: readonly string[];
  /** The client of which each call has a token; null: none. */
  readonly client: Extract<HookAuth, { type: "oauth2" }> | null;
  readonly retry: HookRetry | null;
  /** Whether it may be sent twice. */
  readonly isRepeatable: boolean;
  readonly okStatus: Webhook["okStatus"];
  readonly pagination: Pagination | null;
  readonly hosts: readonly string[];
  readonly allowPrivate: readonly string[];
}

export function planWebhook(command: Command, values: Values, { callId, secrets }: PlanContext): WebhookPlan {
  const { webhook } = command;
  if (!webhook) throw new Error(`${command.name} has no webhook`);
  const given = new Map([...values, ["call_id", callId]]);
  const filling: HookFilling = { command, given, values: new Map([...given].filter(([, value]) => value !== null)) };
  const { url, complaints } = renderUrl(webhook.url, filling);
  const set = Object.entries(webhook.headers).flatMap(([name, template]) => {
    const value = fill(template, filling)?.join("");
    return value === undefined ? [] : [[name, value] as const];
  });
  refuseAll([...complaints, ...set.flatMap(([name, value]) => complaintOf(name, value, command))]);
  const body = webhook.body ? renderBody(webhook.body, filling) : null;
  const isTyped = set.some(([name]) => name.toLowerCase() === "content-type");
  const credentials = credentialsOf(webhook.auth);
  return {
    executor: "webhook",
    tool: command.name,
    callId,
    argv: [webhook.method, url],
    cwd: null,
    env: [],
    stdin: null,
    files: [],
    limits: [],
    method: webhook.method,
    url,
    headers: [...set, ...(body && !isTyped ? [["Content-Type", body.type] as const] : []), ...credentials],
    body: body?.text ?? null,
    credentials: credentials.map(([name]) => name),
    client: webhook.auth?.type === "oauth2" ? webhook.auth : null,
    retry: webhook.retry,
    isRepeatable: command.idempotent || isIdempotent(webhook.method),
    okStatus: webhook.okStatus,
    pagination: webhook.pagination,
    hosts: webhook.hosts,
    allowPrivate: webhook.allowPrivate,
    timeoutMs: command.timeoutMs,
    idleTimeoutMs: command.idleTimeoutMs,
    secrets: [...secrets, ...secretArguments(command, values), ...secretsOf(webhook.auth)],
  };
}

/** A header is one line of Latin-1 (RFC 9110, 5.5). */
function complaintOf(name: string, value: string, command: Command): readonly Complaint[] {
  const found = NOT_IN_HEADERS.exec(value);
  if (!found) return [];
  const parameters = (command.webhook?.headers[name] ?? []).flatMap((part) =>
    typeof part === "string" ? [] : part.param,
  );
  const isSecret = parameters.some((each) => parameterOf(command, each)?.secret === true);
  const what = isSecret ? "a character" : `U+${found[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
  const text = `${parameters.join(", ")}: holds ${what}, which the header ${name} cannot hold`;
  return [{ code: "arguments.invalid", text }];
}

function credentialsOf(auth: HookAuth | null): readonly (readonly [string, string])[] {
  if (!auth || auth.type === "oauth2") return [];
  if (auth.type === "bearer") return [["Authorization", `Bearer ${auth.token}`]];
  if (auth.type === "api_key") return [[auth.header, auth.key]];
  return [["Authorization", basic(auth.user, auth.pass)]];
}

/** RFC 7617. */
function basic(user: string, pass: string): string {
  return `Basic ${Buffer.from(`${user}:${pass}`).toString("base64")}`;
}

/** What stands in the catalogue itself and could stand in any text would only spoil what the service says. */
function isCommon(secret: string): boolean {
  return /^(?:.{0,7}|\p{L}{8,15})$/su.test(secret);
}

function secretsOf(auth: HookAuth | null): readonly string[] {
  if (!auth) return [];
  const [secret, proof] = provenBy(auth);
  return [...(auth.isLiteral && isCommon(secret) ? [] : [secret]), ...proof];
}

/** The secret itself, and the forms in which it is sent. */
function provenBy(auth: HookAuth): readonly [secret: string, proof: readonly string[]] {
  if (auth.type === "bearer") return [auth.token, []];
  if (auth.type === "api_key") return [auth.key, []];
  if (auth.type === "basic") return [auth.pass, [basic(auth.user, auth.pass).slice("Basic ".length)]];
  return [auth.clientSecret, [proofOf(auth.clientId, auth.clientSecret)]];
}

/** What a dry run shows of it. */
export function shownWebhook(plan: WebhookPlan, clean: (text: string) => string): Readonly<Record<string, unknown>> {
  const hidden = new Set(plan.credentials);
  const { client, retry, pagination } = plan;
  return {
    tool: plan.tool,
    executor: plan.executor,
    method: plan.method,
    url: clean(plan.url),
    headers: Object.fromEntries([
      ...plan.headers.map(([name, value]) => [name, hidden.has(name) ? "[redacted]" : clean(value)]),
      ...(client ? [["Authorization", `[a token of ${clean(client.tokenUrl)}]`]] : []),
    ]),
    body: plan.body === null ? null : clean(plan.body),
    okStatus: plan.okStatus.map(([from, to]) => (from === to ? from : `${from}-${to}`)),
    timeoutMs: plan.timeoutMs,
    idleTimeoutMs: plan.idleTimeoutMs,
    ...(retry ? { retries: { ...retry, ...(plan.isRepeatable ? {} : { only: "while nothing was sent" }) } } : {}),
    ...(pagination ? { pagination } : {}),
    ...(plan.hosts.length > 0 ? { hosts: plan.hosts } : {}),
    ...(plan.allowPrivate.length > 0 ? { allowPrivate: plan.allowPrivate } : {}),
  };
}
