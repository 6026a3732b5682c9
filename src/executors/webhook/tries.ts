import { setTimeout as sleep } from "node:timers/promises";
import { HookFault } from "../../webhooks/fault.ts";
import { isSame } from "../../webhooks/redirect.ts";
import type { HookAnswer, HookRequest, Hooks } from "../../webhooks/request.ts";
import { type Tried, retryDelay } from "../../webhooks/retry.ts";
import type { TokenSource } from "../../webhooks/token.ts";
import type { CallIO } from "../executor.ts";
import type { Leash } from "./leash.ts";
import type { WebhookPlan } from "./plan.ts";

/** What became of a request, after all of its tries. */
export interface Settled {
  readonly last: HookAnswer | HookFault;
  readonly tries: number;
  /** The status of the last answer, of any try; null: none came. */
  readonly status: number | null;
  /** Whether the service may have seen anything of the call, this request or one before it. */
  readonly wasSent: boolean;
}

export interface TriesOptions {
  readonly hooks: Hooks;
  readonly plan: WebhookPlan;
  /** Null: the plan's headers hold all credentials. */
  readonly tokens: TokenSource | null;
  readonly leash: Pick<Leash, "signal" | "left">;
  readonly doing: CallIO["doing"];
}

/**
 * Sends requests of one call, each as often as the plan says. Rejects only when the signal aborts: with its reason, or with a
 * `HookFault` that says what was waited for when nothing had been sent yet.
 */
export function createTries({
  hooks,
  plan,
  tokens,
  leash: { signal, left },
  doing,
}: TriesOptions): (request: HookRequest) => Promise<Settled> {
  const { retry, method } = plan;
  const home = new URL(plan.url);
  const rule = retry ? { ...retry, anyMethod: plan.isRepeatable } : null;
  let isRefreshed = false;
  let wasSent = false;

  return async (request) => {
    let status: number | null = null;
    for (let tries = 1; ; tries++) {
      doing("waiting for the answer");
      const last = await sendOnce(request);
      if (!(last instanceof HookFault)) status = last.status;
      wasSent ||= !(last instanceof HookFault) || !NOTHING_SENT.has(last.kind);
      const attempt = { method, retries: tries - 1, leftMs: left(), tried: last };
      const delay = rule && !isOk(last, plan) ? retryDelay(rule, attempt) : null;
      if (delay === null) return { last, tries, status, wasSent };
      if (!(last instanceof HookFault)) last.body.destroy();
      doing(`waiting ${seconds(delay)} s before the ${nth(tries + 1)} try`);
      await sleep(delay, undefined, { signal });
    }
  };

  async function sendOnce(request: HookRequest): Promise<HookAnswer | HookFault> {
    try {
      return tokens ? await sendWithToken(tokens, request) : await hooks.send(request, signal);
    } catch (error) {
      if (error instanceof HookFault && !signal.aborted) return error;
      throw wasSent ? signal.reason : error;
    }
  }

  /** A token that is not accepted any more is asked for again, once. */
  async function sendWithToken(source: TokenSource, request: HookRequest): Promise<HookAnswer> {
    // A page may be elsewhere, which is no place for it.
    if (!isSame(new URL(request.url), home)) return hooks.send(request, signal);
    const token = await tokenOf(source);
    const answer = await hooks.send(withToken(request, token), signal);
    wasSent = true;
    // Another service has had no token.
    if (answer.status !== 401 || isRefreshed || !isSame(new URL(answer.url), home)) return answer;
    isRefreshed = true;
    // A service that leads on has done its work, whatever is answered there.
    const mayAskAgain = plan.isRepeatable || answer.url === new URL(request.url).href;
    if (!source.forget(token) || !mayAskAgain) return answer;
    answer.body.destroy();
    return hooks.send(withToken(request, await tokenOf(source)), signal);
  }

  async function tokenOf(source: TokenSource): Promise<string> {
    try {
      return await source.token(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new HookFault("token", `it waited for a token of ${new URL(plan.client?.tokenUrl ?? plan.url).origin}`);
    }
  }
}

/** Faults of a request of which the service has seen nothing; for one that it led on, `Hooks` has others. */
const NOTHING_SENT: ReadonlySet<HookFault["kind"]> = new Set(["refused", "forbidden", "unreachable", "token"]);

export function isOk(tried: Tried, { okStatus }: Pick<WebhookPlan, "okStatus">): boolean {
  return !(tried instanceof HookFault) && okStatus.some(([from, to]) => from <= tried.status && tried.status <= to);
}

function withToken(request: HookRequest, token: string): HookRequest {
  return { ...request, headers: [...request.headers, ["Authorization", `Bearer ${token}`]] };
}

function seconds(ms: number): number {
  return ms < 10_000 ? Math.ceil(ms / 100) / 10 : Math.ceil(ms / 1000);
}

function nth(number: number): string {
  const endings: Readonly<Record<number, string>> = { 1: "st", 2: "nd", 3: "rd" };
  return `${number}${endings[number] ?? "th"}`;
}
