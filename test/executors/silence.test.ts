import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { watchSilence } from "../../src/executors/silence.ts";

it("is not told of while the sink takes what was heard, and counts from then on", async () => {
  const told = vi.fn<() => void>();
  const silence = watchSilence(50, told);
  const taking = Promise.withResolvers<void>();
  const pressure = silence.heard(() => taking.promise)(Buffer.from("heard"));
  await sleep(120);
  expect(told).not.toHaveBeenCalled();
  taking.resolve();
  await pressure;
  await vi.waitFor(() => expect(told).toHaveBeenCalledOnce());
  silence.end();
});

it("is not told of behind a sink that blocks", async () => {
  const told = vi.fn<() => void>();
  const silence = watchSilence(200, told);
  void silence.heard(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250))(
    Buffer.from("heard"),
  );
  await sleep(1);
  expect(told).not.toHaveBeenCalled();
  silence.end();
});

it("lets a sink that fails fail", async () => {
  const silence = watchSilence(1000, () => undefined);
  await expect(silence.heard(() => Promise.reject(new Error("no")))(Buffer.from("heard"))).rejects.toThrow("no");
  silence.end();
});
