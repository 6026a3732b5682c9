// Bad weather as it comes: random sequences of faults at random moments, and what a client of the server sees of them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import type { Proxy } from "../../containers/proxy.ts";
import { createProxy } from "../../containers/proxy.ts";
import { engineHost } from "../../engines.ts";
import { raw } from "../../mcp/raw.ts";
import { atEnd, poll } from "../../rig.ts";
import { catalogueOf } from "../variants.ts";
import { NOTE, type Stage, expectHonest, inside, stage } from "./stage.ts";

const target = await engineHost();

const STDOUT = "out\n".repeat(50);
const ENDS = 7;
const STEPS = [/\/images\//, /\/create/, /\/attach/, /\/wait/, /\/start/, /\/kill/, /^DELETE/] as const;
const CALLS = 3;
/** How long a fault waits for its moment, for one that freezes keeps the next moment from coming. */
const PATIENCE_MS = 700;

const FAULTS = {
  cut: (proxy: Proxy, only?: RegExp) => proxy.cut(only),
  freeze: (proxy: Proxy, only?: RegExp) => proxy.freeze(only),
  thaw: (proxy: Proxy) => proxy.thaw(),
  delay: (proxy: Proxy, only?: RegExp) => proxy.delay(100, only),
  refuse: (proxy: Proxy, only?: RegExp) => proxy.refuse(only),
  lose: (proxy: Proxy, only?: RegExp) => proxy.lose(only ?? /(?:)/),
  mend: (proxy: Proxy) => proxy.mend(),
} as const;

const change = fc.record({
  /** After how many more requests. */
  after: fc.integer({ min: 0, max: 8 }),
  what: fc.constantFrom(...(Object.keys(FAULTS) as (keyof typeof FAULTS)[])),
  only: fc.option(fc.constantFrom(...STEPS), { nil: undefined }),
});

describe("in random weather", () => {
  it("K1, K6, K7: every call ends honestly, runs at most once, and leaves nothing when it has cleared up", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const on = await Promise.all(Array.from({ length: CALLS }, () => stageOf()));
        await Promise.all(on.map((each) => weathered(each, changes)));
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });
});

function stageOf(): Promise<Stage> {
  const words = { ok_exit_codes: [0, ENDS], stdin: STDOUT, timeout: "3s" };
  return stage(target, {
    // Longer than a start takes: a stream that is closed that shortly before the end looks like any other.
    t: inside(`${NOTE}; cat; sleep 0.7; exit ${ENDS}`, words),
    quick: inside(`${NOTE}; cat; exit ${ENDS}`, words),
    local: { run: ["true"] },
  });
}

async function weathered(on: Stage, changes: readonly Change[]): Promise<void> {
  const calling = on.call("t");
  const over = new AbortController();
  void calling.catch(() => undefined).finally(() => over.abort());
  for (const { after, what, only } of changes) {
    const wanted = on.proxy.requests().length + after;
    const until = performance.now() + PATIENCE_MS;
    while (on.proxy.requests().length < wanted && !over.signal.aborted && performance.now() < until) await sleep(5);
    FAULTS[what](on.proxy, only);
  }
  expect((await on.call("local")).kind).toBe("completed");
  await sleep(PATIENCE_MS);
  on.proxy.mend();
  expectHonest(await calling, { runs: on.runs(), exitCode: ENDS, stdout: STDOUT });
  const before = on.runs();
  expect(await on.call("quick")).toMatchObject({ kind: "completed", exitCode: ENDS, incomplete: false });
  expect(on.runs()).toBe(before + 1);
  await on.nothingLeft();
}

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

describe("a server whose engine", () => {
  const commands = {
    inside: inside("sleep 0.1; echo inside"),
    local: { run: ["echo", "local"] },
  };

  it("K7: is frozen answers pings, lists and local commands meanwhile, and goes on when it thaws", async () => {
    const proxy = createProxy(target);
    atEnd(() => proxy.close());
    const client = await raw(catalogueOf(commands), {}, { env: { DOCKER_HOST: proxy.host } });
    proxy.freeze();
    for (let id = 1; id <= 3; id++) client.call(id, "inside", {});
    await poll(
      () => proxy.count() > 0,
      () => client.stderr(),
    );
    client.send({ id: 20, method: "ping" });
    client.send({ id: 21, method: "tools/list" });
    client.call(22, "local", {});
    expect(await client.answer(20)).toMatchObject({ result: {} });
    expect(await client.answer(21)).toHaveProperty("result.tools.0.name", "inside");
    expect(await client.answer(22)).toHaveProperty("result.content.0.text", "local\n");
    expect(client.messages().filter(({ id }) => typeof id === "number" && id >= 1 && id <= 3)).toEqual([]);
    proxy.thaw();
    for (let id = 1; id <= 3; id++) expect(await client.answer(id)).toHaveProperty("result.content.0.text", "inside\n");
    expect(await client.end()).toBe(0);
  });

  it("K1: has been frozen for long is asked for a sign of life before the next call, which fails without a long wait", async () => {
    const on = await stage(target, commands);
    on.proxy.freeze();
    expect(await on.call("inside")).toMatchObject({ kind: "refused", code: "engine.down" });
    expect(on.proxy.count(/\/_ping/)).toBe(0);
    const outcome = await on.call("inside");
    expect(outcome).toMatchObject({ kind: "refused", code: "engine.down" });
    expect(outcome).toHaveProperty("problems.0", expect.stringContaining("did not answer within 2 s"));
    expect(on.proxy.count(/\/_ping/)).toBe(1);
    on.proxy.thaw();
    expect(await on.call("inside")).toMatchObject({ kind: "completed" });
    expect(await on.call("inside")).toMatchObject({ kind: "completed" });
    expect(on.proxy.count(/\/_ping/)).toBe(2);
    await on.nothingLeft();
  });

  it("K7: is slow at every step holds a call no longer than its timeout, or ten seconds, before it is refused", async () => {
    const on = await stage(target, { t: inside(NOTE, { timeout: "1s", limits: { memory: "64MiB" } }) });
    on.proxy.delay(2200, /\/(?:info|create|attach|wait)/);
    const outcome = await on.call("t");
    expect(outcome).toMatchObject({ kind: "refused", code: "engine.down" });
    expect(outcome).toHaveProperty("problems.0", expect.stringContaining("did not make a container within 10 s"));
    on.proxy.mend();
    await on.nothingLeft();
    expect(on.runs()).toBe(0);
  });

  it("K7: is asked for a sign of life holds nobody who cancels meanwhile", async () => {
    const on = await stage(target, commands);
    on.proxy.refuse();
    expect(await on.call("inside")).toMatchObject({ kind: "refused", code: "engine.down" });
    on.proxy.mend();
    on.proxy.freeze(/\/_ping/);
    const cancel = new AbortController();
    const calling = on.call("inside", { signal: cancel.signal });
    await poll(
      () => on.proxy.count(/\/_ping/) === 1,
      () => "nobody asks",
    );
    cancel.abort();
    expect(await calling).toMatchObject({ kind: "cancelled" });
    on.proxy.mend();
    await on.nothingLeft();
  });

  it("K1: is down says so to each caller, and to its log once; likewise that it is back", async () => {
    const proxy = createProxy(target);
    atEnd(() => proxy.close());
    const client = await raw(catalogueOf(commands), {}, { env: { DOCKER_HOST: proxy.host } });
    proxy.refuse();
    for (let id = 1; id <= 6; id++) client.call(id, "inside", {});
    for (let id = 1; id <= 6; id++) {
      const { result } = await client.answer(id);
      expect(result).toMatchObject({ isError: true, _meta: { "mcpfier/call": { code: "engine.down" } } });
      expect(result?.content?.[0]?.text).toMatch(/is the engine started\?; the command was not started/);
    }
    proxy.mend();
    client.call(7, "inside", {});
    expect(await client.answer(7)).toHaveProperty("result.content.0.text", "inside\n");
    client.call(8, "inside", {});
    await client.answer(8);
    expect(await client.end()).toBe(0);
    expect(client.stderr().match(/a container engine does not answer/g)).toHaveLength(1);
    expect(client.stderr().match(/a container engine answers again/g)).toHaveLength(1);
  });
});
