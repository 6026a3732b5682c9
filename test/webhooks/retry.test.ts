import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HookFault, type HookFaultKind } from "../../src/webhooks/fault.ts";
import { LONGEST_WAIT_MS, type RetryRule, type Tried, retryDelay } from "../../src/webhooks/retry.ts";

const rule: RetryRule = { maxRetries: 3, delayMs: 1000, backoff: 2, statusCodes: [429, 503], anyMethod: false };
const NOW = Date.parse("2026-11-21T12:00:00Z");
const leftMs = Number.POSITIVE_INFINITY;
const chance = { now: NOW, random: 0 };

const answered = (status: number, retryAfter?: string): Tried => ({
  status,
  headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
});
const failed = (kind: HookFaultKind): Tried => new HookFault(kind, "it failed");

describe("a try", () => {
  it("is repeated after a delay that grows, as often as the rule says", () => {
    const delays = (more: Partial<RetryRule>): (number | null)[] =>
      [0, 1, 2, 3].map((retries) =>
        retryDelay({ ...rule, ...more }, { method: "GET", retries, leftMs, tried: answered(503) }, chance),
      );
    expect(delays({})).toEqual([1000, 2000, 4000, null]);
    expect(delays({ backoff: 1 })).toEqual([1000, 1000, 1000, null]);
    expect(delays({ backoff: "linear" })).toEqual([1000, 2000, 3000, null]);
    expect(delays({ delayMs: 0 })).toEqual([0, 0, 0, null]);
    expect(delays({ maxRetries: 0 })).toEqual([null, null, null, null]);
    expect(delays({ backoff: 1000 })).toEqual([1000, LONGEST_WAIT_MS, LONGEST_WAIT_MS, null]);
  });

  it("is repeated when that may help, and when the method lets it", () => {
    const table: readonly (readonly [Tried, get: boolean, post: boolean])[] = [
      [answered(503), true, false],
      [answered(429, "0"), true, false],
      [answered(500), false, false],
      [answered(200), false, false],
      [failed("unreachable"), true, true],
      [failed("lost"), true, false],
      [failed("forbidden"), false, false],
      [failed("refused"), false, false],
      [failed("redirect"), false, false],
      [failed("oversized"), false, false],
      [failed("token"), false, false],
    ];
    for (const [tried, get, post] of table) {
      const isRepeated = (method: string, anyMethod: boolean): boolean =>
        retryDelay({ ...rule, anyMethod }, { method, retries: 0, leftMs, tried }, chance) !== null;
      for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
        expect([tried, isRepeated(method, false)]).toEqual([tried, get]);
      for (const method of ["POST", "PATCH", "LINK"]) {
        expect([tried, isRepeated(method, false)]).toEqual([tried, post]);
        expect([tried, isRepeated(method, true)]).toEqual([tried, get]);
      }
    }
  });

  it("is not repeated before the answer allows it by Retry-After, nor when that is too long", () => {
    const delay = (value: string): number | null =>
      retryDelay(rule, { method: "GET", retries: 0, leftMs, tried: answered(503, value) }, chance);
    expect(delay("7")).toBe(7000);
    expect(delay(" 7 ")).toBe(7000);
    expect(delay("0")).toBe(1000);
    expect(delay("300")).toBe(300_000);
    expect(delay("301")).toBeNull();
    expect(delay("9".repeat(400))).toBeNull();
    expect(delay("Sat, 21 Nov 2026 12:00:09 GMT")).toBe(9000);
    expect(delay("Saturday, 21-Nov-26 12:00:09 GMT")).toBe(9000);
    const zone = process.env["TZ"];
    process.env["TZ"] = "Asia/Tokyo";
    expect(delay("Sat Nov 21 12:00:09 2026")).toBe(9000);
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
    expect(delay("Sat, 21 Nov 2026 11:00:00 GMT")).toBe(1000);
    expect(delay("Sun, 22 Nov 2026 12:00:00 GMT")).toBeNull();
    for (const value of ["", "-5", "1.5", "soon", "1e3", "0x10", "Infinity"])
      expect([value, delay(value)]).toEqual([value, 1000]);
  });

  it("is not repeated when the wait would outlast the call, whatever asks for it", () => {
    const delay = (left: number, tried: Tried, more: Partial<RetryRule> = {}): number | null =>
      retryDelay({ ...rule, ...more }, { method: "GET", retries: 0, leftMs: left, tried }, chance);
    expect(delay(7001, answered(503, "7"))).toBe(7000);
    expect(delay(7000, answered(503, "7"))).toBeNull();
    expect(delay(900, failed("lost"))).toBeNull();
    expect(delay(0, failed("lost"), { delayMs: 0 })).toBeNull();
  });

  it("waits by chance a quarter longer at most, and never less", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.nat({ max: 20 }),
        fc.string(),
        (random, retries, value) => {
          const many = { ...rule, maxRetries: 100 };
          const wait = (by: number): number | null =>
            retryDelay(many, { method: "GET", retries, leftMs, tried: answered(503, value) }, { now: NOW, random: by });
          const [least, this_] = [wait(0), wait(random)];
          if (least === null) return expect(this_).toBeNull();
          expect(this_).toBeGreaterThanOrEqual(least);
          expect(this_).toBeLessThanOrEqual(Math.min(least, LONGEST_WAIT_MS) * 1.25 + 1);
        },
      ),
    );
  });
});
