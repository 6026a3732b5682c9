import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { pump } from "../../src/executors/pump.ts";

/** What `seq` prints, taken by a sink. */
async function pumped(take: (chunk: Buffer) => void | Promise<void>): Promise<boolean> {
  const child = spawn("seq", ["1", "100000"], { stdio: ["ignore", "pipe", "ignore"] });
  return pump(child.stdout, take).drained(false);
}

const PRINTED = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");

it("lends each chunk for the time of the call, and takes its memory back", async () => {
  const lent: Buffer[] = [];
  let text = "";
  expect(
    await pumped((chunk) => {
      lent.push(chunk);
      text += chunk.toString("latin1");
    }),
  ).toBe(true);
  expect(text).toBe(PRINTED);
  expect(lent.filter((chunk) => chunk.length > 0)).toEqual([]);
});

it("lends it until a promise resolves, and brings the next one only then", async () => {
  let text = "";
  let isBusy = false;
  await pumped(async (chunk) => {
    expect(isBusy).toBe(false);
    isBusy = true;
    await new Promise(setImmediate);
    text += chunk.toString("latin1");
    isBusy = false;
  });
  expect(text).toBe(PRINTED);
});

it("tells of output that broke off", async () => {
  const stream = new PassThrough();
  const pumping = pump(stream, () => undefined);
  stream.destroy(new Error("EIO"));
  expect(await pumping.drained(false)).toBe(false);
});

it("goes on when the sink rejects", async () => {
  let bytes = 0;
  await pumped(async (chunk) => {
    bytes += chunk.length;
    throw new Error("no");
  });
  expect(bytes).toBe(PRINTED.length);
});

it("is not given up because the sink takes the first of it for long", async () => {
  const stream = new PassThrough();
  let text = "";
  const pumping = pump(stream, async (chunk) => {
    text += chunk.toString();
    if (text === "first,") await sleep(480);
  });
  stream.write("first,");
  const drained = pumping.drained(false);
  // The sink is free again for the last 20 of the first 500 ms.
  await sleep(540);
  stream.end("last");
  expect(await drained).toBe(true);
  expect(text).toBe("first,last");
});
