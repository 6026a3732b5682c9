import { type RefusalCode, refuse } from "../../base/refusal.ts";
import { redact } from "../../base/secret.ts";
import { plainText } from "../../base/text.ts";
import { HookFault, type HookFaultKind } from "../../webhooks/fault.ts";
import { createHooks } from "../../webhooks/hooks.ts";
import type { HookAnswer, HookRequest, Hooks } from "../../webhooks/request.ts";
import type { TokenSource } from "../../webhooks/token.ts";
import { createTokenSources } from "../../webhooks/token-sources.ts";
import type { Answered, CallIO, Ending, Executor } from "../executor.ts";
import { answered, isJson } from "./answered.ts";
import { learning } from "./learning.ts";
import { type Leash, createLeash } from "./leash.ts";
import { type Paged, readPages } from "./pages.ts";
import { type WebhookPlan, planWebhook } from "./plan.ts";
import { createTries, isOk } from "./tries.ts";

/** The exit codes that stand for what became of a request, as those of `curl --fail` do. */
const EXIT = { ok: 0, notOk: 22, redirect: 47, lost: 56 } as const;

/** Sends requests over one pool of connections; a client's token is shared by all calls. */
export function createRequestExecutor(): Executor<WebhookPlan> {
  const hooks = createHooks();
  const sources = createTokenSources(hooks);

  function tokensOf({ client, allowPrivate }: WebhookPlan): TokenSource | null {
    return client && sources({ ...client, allowPrivate });
  }

  async function run(planned: WebhookPlan, io: CallIO): Promise<Ending> {
    const { plan, tokens } = learning(planned, tokensOf(planned), io);
    const leash = createLeash(plan, io);
    try {
      return await converse(plan, { io, leash, hooks, tokens });
    } catch (error) {
      const stopped = leash.stopped();
      if (stopped === null) throw error;
      return { ...ENDING, exitCode: null, stopped, answer: { ...NO_ANSWER, note: noteOfStop(plan, error) } };
    } finally {
      leash.end();
    }
  }
  return { name: "webhook", plan: planWebhook, run, close: () => hooks.close() };
}

const ENDING = {
  exitCode: EXIT.ok,
  signal: null,
  stopped: null,
  limit: null,
  incomplete: false,
  loose: false,
  lost: null,
  remains: null,
} satisfies Ending;

const NO_ANSWER: Answered = { status: null, headers: {}, isJson: false, tries: 1, fault: "", why: "", note: "" };

interface Around {
  readonly io: CallIO;
  readonly leash: Leash;
  readonly hooks: Hooks;
  readonly tokens: TokenSource | null;
}

async function converse(plan: WebhookPlan, { io, leash, hooks, tokens }: Around): Promise<Ending> {
  const send = createTries({ hooks, plan, tokens, leash, doing: io.doing });
  const request = requestOf(plan);
  const first = await send(request);
  const write = leash.heard(io.stdout);
  const say = leash.heard(io.stderr);
  let reached: Paged = { settled: first, isJson: false, note: "" };
  try {
    reached = await read();
    const { last, tries } = reached.settled;
    if (last instanceof HookFault) return await failed(last);
    const exitCode = isOk(last, plan) ? EXIT.ok : EXIT.notOk;
    return {
      ...ENDING,
      exitCode,
      answer: { ...answered(last, plan, tries), isJson: reached.isJson, note: reached.note },
    };
  } catch (error) {
    if (!(error instanceof HookFault) || leash.stopped() !== null) throw error;
    return await failed(error);
  }

  async function read(): Promise<Paged> {
    const { last } = first;
    if (last instanceof HookFault) return reached;
    io.doing("reading the answer");
    const { pagination } = plan;
    if (!pagination || !isOk(last, plan)) {
      await pour(last, write);
      return { settled: first, isJson: isJson(last), note: "" };
    }
    const paged = await readPages(first, { plan, pagination, request, send, write });
    const end = paged.settled.last;
    if (!(end instanceof HookFault) && !isOk(end, plan)) await pour(end, say);
    return paged;
  }

  /** There is no whole answer. */
  async function failed(fault: HookFault): Promise<Ending> {
    const code = NEVER_SENT[fault.kind];
    const words = wordsOf(fault, plan);
    const { last, status, tries, wasSent } = reached.settled;
    if (code !== undefined && !wasSent) throw refuse(code, `${words} (nothing was sent)`);
    const told = last instanceof HookFault ? { ...NO_ANSWER, status, tries } : answered(last, plan, tries);
    const answer = { ...told, fault: FAULTS[fault.kind], why: words, note: reached.note };
    if (fault.kind === "lost" && !plan.isRepeatable) return { ...ENDING, exitCode: null, lost: words, answer };
    await say(Buffer.from(`${words}\n`));
    return { ...ENDING, exitCode: EXIT_OF[fault.kind] ?? EXIT.lost, answer };
  }
}

/** What is refused when nothing was sent. */
const NEVER_SENT: Readonly<Partial<Record<HookFaultKind, RefusalCode>>> = {
  refused: "webhook.forbidden",
  forbidden: "webhook.forbidden",
  unreachable: "webhook.unreachable",
  token: "webhook.token",
};

/** What they come to, in a few words. */
const FAULTS: Readonly<Record<HookFaultKind, string>> = {
  lost: "no whole answer",
  oversized: "too large an answer",
  redirect: "a link that is not followed",
  forbidden: "a link that is not followed",
  refused: "a link that is not followed",
  unreachable: "no connection",
  token: "no token",
};

const EXIT_OF: Readonly<Partial<Record<HookFaultKind, number>>> = { redirect: EXIT.redirect };

/** Whatever holds a secret is a credential, wherever the catalogue writes it. */
function requestOf(plan: WebhookPlan): HookRequest {
  const { method, url, headers, hosts, allowPrivate } = plan;
  const isSecret = (text: string): boolean => redact(text, plan.secrets) !== text;
  const secret = headers.flatMap(([name, value]) => (isSecret(value) ? [name] : []));
  return {
    method,
    url,
    headers,
    body: plan.body === null ? null : Buffer.from(plan.body),
    credentials: [...plan.credentials, ...secret],
    isBodySecret: plan.body !== null && isSecret(plan.body),
    hosts,
    allowPrivate,
  };
}

/** As fast as the reader takes it. */
async function pour({ body }: HookAnswer, write: (chunk: Buffer) => Promise<void>): Promise<void> {
  for await (const chunk of body as AsyncIterable<Buffer>) await write(chunk);
}

function noteOfStop(plan: WebhookPlan, error: unknown): string {
  if (error instanceof HookFault && NEVER_SENT[error.kind] !== undefined)
    return `the service was not asked: ${wordsOf(error, plan)}`;
  return plan.isRepeatable
    ? ""
    : "the service may have done its work all the same: check that before you call it again";
}

function wordsOf({ message }: HookFault, { secrets }: WebhookPlan): string {
  return plainText(redact(message, secrets));
}
