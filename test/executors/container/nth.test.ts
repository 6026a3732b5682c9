// Every request that a call makes of its engine, disturbed in every way: failures.md K1, K7, K11, K13, and the rule "fail at Nth".
import { expect, it } from "vitest";
import type { Proxy } from "../../containers/proxy.ts";
import { engineHost } from "../../engines.ts";
import { poll } from "../../rig.ts";
import { NOTE, type Stage, expectHonest, inside, stage } from "./stage.ts";

const target = await engineHost();

const STDOUT = "out\n".repeat(100);
const ENDS = 7;
const OK = { ok_exit_codes: [0, ENDS] };

const COMMANDS = {
  ends: inside(`${NOTE}; cat; exit ${ENDS}`, { ...OK, stdin: STDOUT, limits: { memory: "64MiB" } }),
  // Deaf, so that it takes both ways of being stopped.
  stays: inside(`trap '' TERM; ${NOTE}; while :; do sleep 0.1; done`, { limits: { processes: 20 } }),
};

const WITH_FILE = {
  ...inside(""),
  run: ["sh", "-c", `${NOTE}; cat "$1"`, "sh", "${{ secret }}"],
  params: { secret: { type: "string", as: "file" } },
};

const FAULTS: Readonly<Record<string, (proxy: Proxy, only: RegExp) => void>> = {
  frozen: (proxy, only) => proxy.freeze(only),
  "never seen by the engine": (proxy, only) => proxy.refuse(only),
  "done by the engine, and its answer lost": (proxy, only) => proxy.lose(only),
  late: (proxy, only) => proxy.delay(700, only),
};

/** The kinds of requests that a call makes, in their order, by making one. */
async function stepsOf(act: (on: Stage) => Promise<unknown>): Promise<readonly RegExp[]> {
  const on = await stage(target, COMMANDS);
  await act(on);
  await on.nothingLeft();
  return [...new Set(on.proxy.requests().map(kindOf))].map((kind) => new RegExp(`^${kind}[ ?]`));
}

function kindOf(line: string): string {
  const [, kind = ""] = /^(\w+ [^ ?]+)/.exec(line) ?? [];
  const exactly = kind.replace(/[\da-f]{64}/, "[0-9a-f]{64}").replaceAll("/", "\\/");
  return /signal=(\w+)/.test(line) ? `${exactly}\\?\\S*${/signal=(\w+)/.exec(line)?.[0]}` : exactly;
}

type Act = (on: Stage) => Promise<unknown>;

/** Does it with every fault at every step. Those that freeze begin first: they take longest, and nothing of the machine. */
async function disturbed(steps: readonly RegExp[], act: Act): Promise<void> {
  const cases = Object.entries(FAULTS).flatMap(([name, fault]) => steps.map((step) => ({ name, fault, step })));
  const worker = async (): Promise<void> => {
    for (let next = cases.shift(); next; next = cases.shift()) {
      const { name, fault, step } = next;
      await disturbedBy((proxy) => fault(proxy, step), act).catch((error: unknown) => {
        throw new Error(`${step.source} ${name}: ${String(error)}`, { cause: error });
      });
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
}

async function disturbedBy(fault: (proxy: Proxy) => void, act: Act): Promise<void> {
  const on = await stage(target, COMMANDS);
  fault(on.proxy);
  await act(on);
  on.proxy.mend();
  // It is as good as new.
  expect(await on.call("ends")).toMatchObject({ kind: "completed", exitCode: ENDS, incomplete: false });
  await on.nothingLeft();
}

async function runToItsEnd(on: Stage): Promise<void> {
  const outcome = await on.call("ends");
  const before = on.runs();
  expectHonest(outcome, { runs: before, exitCode: ENDS, stdout: STDOUT });
}

async function cancelled(on: Stage): Promise<void> {
  const cancel = new AbortController();
  const calling = on.call("stays", { signal: cancel.signal });
  await Promise.race([calling, started(on)]);
  cancel.abort();
  const outcome = await calling;
  expect(["cancelled", "unknown"]).toContain(outcome.kind);
  expectHonest(outcome, { runs: on.runs(), exitCode: -1, stdout: "" });
}

it("K11: a wait that is not registered leaves no stream open, nor a file that was for the call alone", async () => {
  const on = await stage(target, { t: WITH_FILE });
  for (const step of [/\/wait/, /\/create/]) {
    const before = on.sockets();
    on.proxy.lose(step);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => on.call("t", { arguments: { secret: "s" } })));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "refused", code: "engine.down" });
    on.proxy.mend();
    await on.nothingLeft();
    await poll(
      () => on.sockets() <= before,
      () => `${on.sockets() - before} streams are open`,
    );
  }
  expect(await on.call("t", { arguments: { secret: "s" } })).toMatchObject({ kind: "completed" });
  expect(on.runs()).toBe(1);
  await on.nothingLeft();
});

it("K7: a call that is cancelled while its engine is frozen ends, and its file is not written afterwards", async () => {
  for (const step of [/\/images\//, /\/create/, /\/attach/, /\/start/]) {
    const on = await stage(target, { t: WITH_FILE });
    on.proxy.freeze(step);
    const cancel = new AbortController();
    const calling = on.call("t", { arguments: { secret: "s" }, signal: cancel.signal });
    await poll(
      () => on.proxy.count(step) > 0,
      () => `no ${step.source} came`,
    );
    cancel.abort();
    const outcome = await calling;
    expect(outcome.kind).toBe(step.source.includes("start") ? "unknown" : "cancelled");
    on.proxy.thaw();
    expect(await on.call("t", { arguments: { secret: "s" } })).toMatchObject({ kind: "completed" });
    await on.nothingLeft();
    expect(on.runs()).toBeLessThanOrEqual(outcome.kind === "unknown" ? 2 : 1);
  }
});

async function started(on: Stage): Promise<void> {
  await poll(
    () => on.runs() > 0,
    () => "the command did not begin",
  );
}

const ending = await stepsOf(runToItsEnd);
const stopping = (await stepsOf(cancelled)).filter((step) => !ending.some(({ source }) => source === step.source));

it("a call makes the requests that are disturbed here", () => {
  expect(ending.length).toBeGreaterThan(5);
  expect(stopping.length).toBeGreaterThan(1);
});

it("K1, K7, K11: each request of a call refused, lost, late or frozen: the outcome is honest, and nothing is left", async () => {
  await disturbed(ending, runToItsEnd);
});

it("K7, K9: each request of a cancelled call refused, lost, late or frozen: it ends, and nothing is left", async () => {
  await disturbed(stopping, cancelled);
});
