import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchSilence } from "../../src/executors/silence.ts";

const HEARD = Buffer.from("heard");

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("is not told of while the sink takes what was heard, and counts from then on", async () => {
  const told = vi.fn<() => void>();
  const silence = watchSilence(1000, told);
  const taking = Promise.withResolvers<void>();
  const pressure = silence.heard(() => taking.promise)(HEARD);
  vi.advanceTimersByTime(5000);
  expect(told).not.toHaveBeenCalled();
  taking.resolve();
  await pressure;
  vi.advanceTimersByTime(999);
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1001);
  expect(told).toHaveBeenCalledOnce();
});

it("counts from the end of a sink that blocks", () => {
  const told = vi.fn<() => void>();
  const silence = watchSilence(1000, told);
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  void silence.heard(() => void (now = 1500))(HEARD);
  vi.advanceTimersByTime(1000);
  expect(told).not.toHaveBeenCalled();
  now = 2500;
  vi.advanceTimersByTime(1000);
  expect(told).toHaveBeenCalledOnce();
});

it("lets a sink that fails fail", async () => {
  const silence = watchSilence(1000, () => undefined);
  await expect(silence.heard(() => Promise.reject(new Error("no")))(HEARD)).rejects.toThrow("no");
});
