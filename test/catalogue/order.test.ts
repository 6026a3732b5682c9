import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, load } from "../rig.ts";

const yaml = readFileSync(join(import.meta.dirname, "ok/order.yaml"), "utf8");

describe("the keys of order", () => {
  test("are complete when a catalogue is loaded", async () => {
    const { catalogue } = await load(yaml);
    expect(catalogue?.settings).toEqual({
      concurrency: 8,
      queue: 100,
      http: { address: "127.0.0.1:8080", needsAuth: false },
      records: { maxAgeMs: 3_600_000, maxBytes: 200 * 1024 ** 2 },
      analytics: { enabled: false, databasePath: null, retentionDays: 0 },
    });
    const commands = catalogue?.commands.map(({ name, concurrency, queue, retry, needs, cacheMs }) => [
      name,
      { concurrency, queue, retry, needs, cacheMs },
    ]);
    const before = { attempts: 2, delayMs: 0, backoff: 1, on: [1, "timeout"] };
    const unlimited = { concurrency: 2, queue: null, retry: before, needs: [], cacheMs: null };
    expect(Object.fromEntries(commands ?? [])).toEqual({
      fetch: {
        ...unlimited,
        concurrency: 1,
        queue: 0,
        retry: { attempts: 10, delayMs: 300_000, backoff: 1.5, on: [0, 255] },
      },
      status: { ...unlimited, cacheMs: 1 },
      gc: { ...unlimited, retry: { attempts: 3, delayMs: 1000, backoff: 2, on: null } },
      push: { ...unlimited, concurrency: 1, retry: null, needs: ["fetch", "status"] },
      deploy: { ...unlimited, retry: null, needs: ["push", "gc", "status"] },
    });
  });

  test("stand in the main file only, where they are about the server", async () => {
    const main = `include: [more.yaml]\ncommands: []\n`;
    const path = folder({ "more.yaml": "concurrency: 1\nqueue: 1\nrecords: {}\n" });
    const { problems } = await load(main, { folder: path });
    expect(problems.filter(({ rule }) => rule === "include").map(({ line }) => line)).toEqual([1, 2, 3]);
  });
});

describe("needs of 10,000 commands", () => {
  const chain = (last: string): string =>
    `commands:\n${Array.from({ length: 10_000 }, (_, index) => `  - { name: c${index}, description: d, run: [ls], needs: [${index === 9999 ? last : `c${index + 1}`}] }`).join("\n")}\n`;

  test("in one chain are no problem", async () => {
    expect((await load(chain(""))).problems).toEqual([]);
  });

  test("in one circle are one problem", async () => {
    const { problems } = await load(chain("c0"));
    expect(problems.map(({ rule, line }) => [rule, line])).toEqual([["needs", 10_001]]);
    expect(problems[0]?.message.length).toBeLessThan(200);
  });
});
