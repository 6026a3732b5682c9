import { LONGEST_DELAY_MS, type Retry } from "../command/command.ts";
import type { Draft } from "./draft.ts";
import { type Bounds, readDuration } from "./quantity.ts";

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const RETRY: Retry = { attempts: 3, delayMs: 1000, backoff: 2, on: null };

/** Who waits longer is better off with a call of its own. */
const DELAY: Bounds = { least: 0, most: LONGEST_DELAY_MS, said: "of 5m at most" };

/** Reads `retry`; null when it is absent. */
export function readRetry(draft: Draft): Retry | null {
  const node = draft.nodeOf("retry");
  if (node?.kind !== "mapping") return null;
  const retry = draft.inside(node);
  return {
    attempts: (retry.get("attempts") as number | undefined) ?? RETRY.attempts,
    delayMs: readDuration(retry, "delay", DELAY) ?? RETRY.delayMs,
    backoff: (retry.get("backoff") as number | undefined) ?? RETRY.backoff,
    on: (retry.get("on") as Retry["on"] | undefined) ?? RETRY.on,
  };
}
