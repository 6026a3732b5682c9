import { lazy } from "../base/lazy.ts";
import type { Executor } from "./executor.ts";
import { type WebhookPlan, planWebhook } from "./webhook/plan.ts";

/** Runs commands that are HTTP requests. Most catalogues have none: what sends them is loaded for the first one. */
export function createWebhookExecutor(): Executor<WebhookPlan> {
  let isOpen = false;
  const load = lazy(async () => (await import("./webhook/executor.ts")).createRequestExecutor());

  function open(): ReturnType<typeof load> {
    isOpen = true;
    return load();
  }
  return {
    name: "webhook",
    plan: planWebhook,
    run: async (plan, io) => (await open()).run(plan, io),
    close: async () => {
      if (isOpen) await (await open()).close?.();
    },
  };
}
