import { redact } from "../base/secret.ts";
import { type ContainerPlan, shownContainer } from "./container/plan.ts";
import { type PlannedLimit, isWeak } from "./limit.ts";
import type { LocalPlan } from "./local-plan.ts";
import { type WebhookPlan, shownWebhook } from "./webhook/plan.ts";

/** Everything that decides what a call does, as JSON data. It holds secrets: show it only by `shownPlan`. */
export type Plan = LocalPlan | ContainerPlan | WebhookPlan;

/** What a dry run shows: argv as a list and as a line to read, no secrets, and no value that the file did not decide. */
export function shownPlan(plan: Plan): Readonly<Record<string, unknown>> {
  const clean = (text: string): string => redact(text, plan.secrets);
  if (plan.executor === "webhook") return shownWebhook(plan, clean);
  const argv = plan.argv.map(clean);
  const isLocal = plan.executor === "local";
  return {
    tool: plan.tool,
    executor: plan.executor,
    ...(isLocal ? { program: plan.program } : {}),
    argv,
    commandLine: argv.map(shellQuote).join(" "),
    cwd: plan.cwd === null ? null : clean(plan.cwd),
    env: Object.fromEntries(
      plan.env.map(({ name, value, from }) => [name, from === "host" ? "[from the environment]" : clean(value)]),
    ),
    stdin: plan.stdin === null ? null : clean(plan.stdin),
    files: plan.files.map(({ path, content }) => ({ path, content: clean(content) })),
    timeoutMs: plan.timeoutMs,
    idleTimeoutMs: plan.idleTimeoutMs,
    ...(isLocal ? { containment: plan.isolation } : { container: shownContainer(plan, clean) }),
    limits: Object.fromEntries(plan.limits.map((limit) => [limit.name, shownLimit(limit)])),
  };
}

function shownLimit(limit: PlannedLimit): Readonly<Record<string, unknown>> {
  const { value, by } = limit;
  if (by === null) return { value, by, note: "this host cannot enforce it" };
  return isWeak(limit) ? { value, by, note: "for each process by itself" } : { value, by };
}

/** For reading only; nothing is ever run from it. */
function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
