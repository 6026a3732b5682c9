import { type Refusal, refuse } from "../base/refusal.ts";
import { isExhausted } from "./system.ts";

/** The refusal of a call for which the system did not give what it needs before it starts. */
export function unready(what: string, error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error);
  if (isExhausted(error)) return refuse("resource.exhausted", `${what}: ${reason}; try again`);
  return refuse("spawn.failed", `${what}: ${reason}`);
}
