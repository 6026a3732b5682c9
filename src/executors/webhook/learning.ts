import type { TokenSource } from "../../webhooks/token.ts";
import type { CallIO } from "../executor.ts";
import type { WebhookPlan } from "./plan.ts";

export interface Learning {
  readonly plan: WebhookPlan;
  readonly tokens: TokenSource | null;
}

/** Each token that comes is a secret of the call before a request holds it. */
export function learning(plan: WebhookPlan, tokens: TokenSource | null, { learn }: Pick<CallIO, "learn">): Learning {
  if (!tokens) return { plan, tokens };
  const secrets = [...plan.secrets];

  async function token(signal: AbortSignal): Promise<string> {
    const given = await source.token(signal);
    if (secrets.includes(given)) return given;
    secrets.push(given);
    learn(given);
    return given;
  }
  const source = tokens;
  return { plan: { ...plan, secrets }, tokens: { token, forget: source.forget } };
}
