import type { HookFault } from "./fault.ts";
import type { HookAnswer } from "./request.ts";

export interface RetryRule {
  readonly maxRetries: number;
  readonly delayMs: number;
  /** How the delay grows from one retry to the next. */
  readonly backoff: "constant" | "linear" | "exponential";
  readonly statusCodes: readonly number[];
  /** Methods that are not idempotent, too. */
  readonly anyMethod: boolean;
}

/** What one try came to. */
export type Tried = Pick<HookAnswer, "status" | "headers"> | HookFault;

export interface Attempt {
  readonly method: string;
  /** How often it was tried again before. */
  readonly retries: number;
  readonly tried: Tried;
}

/** How long to wait, in milliseconds, before it is tried again; null: it is not. */
export declare function retryDelay(rule: RetryRule, attempt: Attempt): number | null;
