import { HookFault } from "./fault.ts";
import type { HookAnswer } from "./request.ts";

export interface RetryRule {
  readonly maxRetries: number;
  readonly delayMs: number;
  /** What the delay is multiplied by each time; `linear`: the delay once, twice, three times. */
  readonly backoff: number | "linear";
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
  /** How long the call has left, in milliseconds; infinite: as long as it likes. */
  readonly leftMs: number;
  readonly tried: Tried;
}

/** The time in milliseconds since 1970, and a number from 0 to below 1. */
export interface Chance {
  readonly now: number;
  readonly random: number;
}

/** Who asks for more time than this is not asked again. */
export const LONGEST_WAIT_MS = 5 * 60_000;

/** RFC 9110 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * How long to wait, in milliseconds, before it is tried again; null: it is not. A quarter at most is added by chance, so that
 * callers who failed together do not come back together; it is never sooner than the answer asks by Retry-After. What would
 * have to wait until its call is over is not tried: the answer that came says more than a timeout.
 */
export function retryDelay(rule: RetryRule, attempt: Attempt, chance: Chance = chanceNow()): number | null {
  const { retries, leftMs, tried } = attempt;
  if (retries >= rule.maxRetries || !mayGoBetter(rule, attempt)) return null;
  const asked = tried instanceof HookFault ? 0 : retryAfter(tried.headers["retry-after"], chance.now);
  if (asked > LONGEST_WAIT_MS) return null;
  const grown = rule.delayMs * (rule.backoff === "linear" ? retries + 1 : rule.backoff ** retries);
  const wait = Math.max(Math.min(grown, LONGEST_WAIT_MS), asked);
  const delay = Math.round(wait * (1 + chance.random / 4));
  return delay < leftMs ? delay : null;
}

function chanceNow(): Chance {
  return { now: Date.now(), random: Math.random() };
}

function mayGoBetter(rule: RetryRule, { method, tried }: Attempt): boolean {
  if (tried instanceof HookFault && tried.kind === "unreachable") return true;
  if (!rule.anyMethod && !isIdempotent(method)) return false;
  return tried instanceof HookFault ? tried.kind === "lost" : rule.statusCodes.includes(tried.status);
}

/** In milliseconds from now: seconds, or a date (RFC 9110 10.2.3); what is neither asks for nothing. */
function retryAfter(value: string | undefined, now: number): number {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // The oldest of the three forms of a date does not say that it is in GMT.
  const date = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text)
    ? Date.parse(text.replace(/(?<! GMT)$/, " GMT"))
    : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
