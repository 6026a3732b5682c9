import { log } from "../../base/log.ts";
import type { Fault } from "./sqlite.ts";

/** Tells once in the log that the database fails, and once that it works again. */
export interface Health {
  /** Answers in how many milliseconds it is worth another try. */
  bad(fault: Fault): number;
  /** `lost` calls could not be kept meanwhile. */
  good(lost: number): void;
  isBad(): boolean;
  /** Why it fails; empty while it does not. */
  reason(): string;
}

const RETRY_MS = { first: 250, most: 5000 } as const;

export function createHealth(path: string): Health {
  let reason = "";
  let retryMs = 0;

  function bad({ text }: Fault): number {
    if (reason === "")
      log.warn(
        { database: path, reason: text },
        "calls cannot be recorded in the analytics database; it is tried again",
      );
    reason = text;
    retryMs = Math.min(Math.max(RETRY_MS.first, retryMs * 2), RETRY_MS.most);
    return retryMs;
  }

  function good(lost: number): void {
    if (reason !== "")
      log.warn({ database: path, ...(lost > 0 ? { lost } : {}) }, "calls are recorded in the analytics database again");
    reason = "";
    retryMs = 0;
  }

  return { bad, good, isBad: () => reason !== "", reason: () => reason };
}
