import { type RefusalCode, refuse } from "../../base/refusal.ts";
import { redact } from "../../base/secret.ts";
import { plainText } from "../../base/text.ts";
import { HookFault, type HookFaultKind } from "../../webhooks/fault.ts";
import { createHooks } from "../../webhooks/hooks.ts";
import type { HookAnswer, HookRequest, Hooks } from "../../webhooks/request.ts";
import { type TokenSource, createTokenSource } from "../../webhooks/token.ts";
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
  const sources = new Map<string, TokenSource>();

  function tokensOf({ client, allowPrivate }: WebhookPlan): TokenSource | null {
    if (!client) return null;
    const key = JSON.stringify([client, allowPrivate]);
    const source = sources.get(key) ?? createTokenSource(hooks, { ...client, allowPrivate });
    sources.set(key, source);
    return source;
  }

  async function run(planned: WebhookPlan, io: CallIO): Promise<Ending> {
    const { plan, tokens } = learning(planned, tokensOf(planned), io);
    const leash = createLeash(plan, io);
    try {
      return await converse(plan, { io, leash, hooks, tokens });
    } catch (error) {
      const stopped = leash.stopped();
      if (stopped === null) throw error;
      return { ...ENDING, exitCode: null, stopped, answer: { ...NO_ANSWER, note: noteOfStop(plan) } };
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

const NO_ANSWER: Answered = { status: null, headers: {}, isJson: false, tries: 1, note: "" };

interface Around {
  readonly io: CallIO;
  readonly leash: Leash;
  readonly hooks: Hooks;
  readonly tokens: TokenSource | null;
}

async function converse(plan: WebhookPlan, { io, leash, hooks, tokens }: Around): Promise<Ending> {
  const send = createTries({ hooks, plan, tokens, signal: leash.signal, doing: io.doing });
  const request = requestOf(plan);
  const first = await send(request);
  const write = leash.heard(io.stdout);
  const say = leash.heard(io.stderr);
  let reached = first;
  try {
    const paged = await read();
    reached = paged.settled;
    const { last, tries } = reached;
    if (last instanceof HookFault) return await failed(last);
    const told = { ...answered(last, plan, tries), note: paged.note };
    return { ...ENDING, exitCode: isOk(last, plan) ? EXIT.ok : EXIT.notOk, answer: { ...told, isJson: paged.isJson } };
  } catch (error) {
    if (!(error instanceof HookFault) || leash.stopped() !== null) throw error;
    return await failed(error);
  }

  async function read(): Promise<Paged> {
    const { last } = first;
    if (last instanceof HookFault) return { settled: first, isJson: false, note: "" };
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
    const words = plainText(redact(fault.message, plan.secrets));
    if (code !== undefined && !reached.wasSent) throw refuse(code, `${words} (nothing was sent)`);
    const { last, status, tries } = reached;
    const answer = last instanceof HookFault ? { ...NO_ANSWER, status, tries } : answered(last, plan, tries);
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

const EXIT_OF: Readonly<Partial<Record<HookFaultKind, number>>> = { redirect: EXIT.redirect };

function requestOf(plan: WebhookPlan): HookRequest {
  const { method, url, headers, credentials, hosts, allowPrivate } = plan;
  const body = plan.body === null ? null : Buffer.from(plan.body);
  return { method, url, headers, body, credentials, hosts, allowPrivate };
}

/** As fast as the reader takes it. */
async function pour({ body }: HookAnswer, write: (chunk: Buffer) => Promise<void>): Promise<void> {
  for await (const chunk of body as AsyncIterable<Buffer>) await write(chunk);
}

function noteOfStop({ isRepeatable }: WebhookPlan): string {
  return isRepeatable ? "" : "the service may have done its work all the same: check that before you call it again";
}
