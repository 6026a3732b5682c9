import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { CallRequest } from "../../src/request.ts";
import type { Call, Outcome } from "../../src/pipeline/call.ts";
import { createSlots } from "../../src/pipeline/slots.ts";
import { engineOf, folder, load, poll } from "../rig.ts";

/** `hold` tells in `log` that it runs, and runs until there is a file `go`, or one with its own name. */
const HOLD = `shell: sh, params: { name: { type: string, default: hold } },
      run: 'echo "$arg_name" >> log; until [ -e go ] || [ -e "go-$arg_name" ]; do sleep 0.01; done'`;

const yamlOf = (top: string, hold = ""): string => `
${top}
commands:
  - { name: hold, description: d, ${HOLD}${hold} }
  - { name: other, description: d, ${HOLD} }
  - { name: quick, description: d, run: ["true"] }
`;

interface Stage {
  readonly engine: Engine;
  readonly path: string;
  call(tool: string, name: string, more?: Partial<CallRequest>): Promise<Outcome>;
  /** Names of those that started, in their order. */
  started(): readonly string[];
  /** Waits until these have started. */
  until(...names: readonly string[]): Promise<void>;
  /** Lets one end, or all. */
  go(name?: string): void;
}

async function stage(yaml: string): Promise<Stage> {
  const path = folder({ log: "" });
  const engine = await engineOf(yaml, { folder: path });
  const started = (): readonly string[] => readFileSync(join(path, "log"), "utf8").split("\n").filter(Boolean);
  return {
    engine,
    path,
    started,
    call: (tool, name, more = {}) => engine.call({ tool, arguments: { name }, ...more }),
    until: (...names) =>
      poll(
        () => names.every((name) => started().includes(name)),
        () => `${names.join()} did not all start: ${started().join()}`,
      ),
    go: (name) => writeFileSync(join(path, name === undefined ? "go" : `go-${name}`), ""),
  };
}

const kinds = (outcomes: readonly Outcome[]): readonly string[] => outcomes.map(({ kind }) => kind);

describe("concurrency", () => {
  test("of a command is how many of its calls run at once", async () => {
    const path = folder({ log: "" });
    const engine = await engineOf(
      // Each waits until there were two, so that two run at once, and tells when it comes and goes.
      `commands:
  - name: pair
    description: d
    shell: sh
    run: 'echo + >> log; until [ $(grep -c + log) -ge 2 ]; do sleep 0.01; done; echo - >> log'
    concurrency: 2
`,
      { folder: path },
    );
    const calls = Array.from({ length: 9 }, () => engine.call({ tool: "pair", arguments: {} }));
    expect(new Set(kinds(await Promise.all(calls)))).toEqual(new Set(["completed"]));
    let inside = 0;
    const levels = readFileSync(join(path, "log"), "utf8")
      .match(/[+-]/g)
      ?.map((sign) => (inside += sign === "+" ? 1 : -1));
    expect(levels).toHaveLength(18);
    expect(Math.max(...(levels ?? []))).toBe(2);
  });

  test("of the server is how many run at once in all, and a call of what has room does not wait for what has none", async () => {
    const { call, until, started, go } = await stage(yamlOf("concurrency: 2", ", concurrency: 1"));
    const first = call("hold", "a");
    await until("a");
    const waiting = [call("hold", "b"), call("hold", "c")];
    const free = call("other", "free");
    await until("free");
    const full = call("other", "full");
    go("free");
    await free;
    await until("full");
    expect(started()).toEqual(["a", "free", "full"]);
    go();
    expect(kinds(await Promise.all([first, ...waiting, full]))).toEqual(Array.from({ length: 4 }, () => "completed"));
    expect(started()).toEqual(["a", "free", "full", "b", "c"]);
  });

  test("is four for each core when nothing is said", async () => {
    const most = 4 * availableParallelism();
    const { call, until, started, go } = await stage(yamlOf(""));
    const calls = Array.from({ length: most + 1 }, (_, index) => call("hold", `c${index}`));
    await until(...Array.from({ length: most }, (_, index) => `c${index}`));
    expect(started()).toHaveLength(most);
    go();
    await Promise.all(calls);
    expect(started().at(-1)).toBe(`c${most}`);
  });

  test("of a new catalogue counts from then on, also for those who wait", async () => {
    const { engine, path, call, until, go } = await stage(yamlOf("concurrency: 4", ", concurrency: 1"));
    const calls = [call("hold", "a"), call("hold", "b"), call("hold", "c")];
    await until("a");
    const { catalogue } = await load(yamlOf("concurrency: 2", ", concurrency: 3"), { folder: path });
    if (catalogue) engine.replace(catalogue);
    await until("b");
    go("a");
    await until("c");
    go();
    expect(kinds(await Promise.all(calls))).toEqual(["completed", "completed", "completed"]);
  });

  test("of a command that was removed still counts for its calls", async () => {
    const { engine, path, call, until, started, go } = await stage(yamlOf("", ", concurrency: 1"));
    const calls = [call("hold", "a"), call("hold", "b")];
    await until("a");
    const { catalogue } = await load("commands: [{ name: other, description: d, run: [ls] }]", { folder: path });
    if (catalogue) engine.replace(catalogue);
    expect((await engine.call({ tool: "other", arguments: {} })).kind).toBe("completed");
    expect(started()).toEqual(["a"]);
    go();
    expect(kinds(await Promise.all(calls))).toEqual(["completed", "completed"]);
  });

  test("is still taken by what could not be killed, until it has gone", async () => {
    const slots = createSlots({ concurrency: 1, queue: 1, of: () => ({ concurrency: null, queue: null }) });
    const call = {
      caller: "a",
      command: { name: "x" },
      signal: new AbortController().signal,
      watch: { doing: () => undefined },
    } as unknown as Call;
    let gone = (): void => undefined;
    const remains = new Promise<void>((resolve) => (gone = resolve));
    const lost = { kind: "unknown", remains } as Outcome;
    const done = { kind: "completed" } as Outcome;
    expect(await slots.step(call, () => Promise.resolve(lost))).toBe(lost);
    let began = false;
    const next = slots.step(call, () => {
      began = true;
      return Promise.resolve(done);
    });
    await expect(slots.step(call, () => Promise.resolve(done))).rejects.toMatchObject({ code: "queue.full" });
    expect(began).toBe(false);
    gone();
    expect(await next).toBe(done);
    expect(began).toBe(true);
  });
});

describe("callers", () => {
  test("take turns, and the calls of one are served as they came", async () => {
    const { call, until, started, go } = await stage(yamlOf("concurrency: 1"));
    const calls = ["a1", "a2", "a3", "a4"].map((name) => call("hold", name, { caller: "a" }));
    calls.push(
      call("other", "b1", { caller: "b" }),
      call("hold", "c1", { caller: "c" }),
      call("hold", "b2", { caller: "b" }),
    );
    await until("a1");
    go();
    await Promise.all(calls);
    expect(started()).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  });
});

describe("a queue", () => {
  test("of the server that is full refuses with what runs and waits", async () => {
    const { call, until, go } = await stage(yamlOf("concurrency: 1\nqueue: 2"));
    const calls = ["a", "b", "c"].map((name) => call("hold", name));
    await until("a");
    expect(await call("other", "d")).toMatchObject({
      kind: "refused",
      code: "queue.full",
      problems: ["the server is busy: calls that run: 1, calls that wait: 2, and no more may wait; try again later"],
    });
    go();
    expect(kinds(await Promise.all(calls))).toEqual(["completed", "completed", "completed"]);
  });

  test("of a command that is full refuses its calls and no others", async () => {
    const { call, until, started, go } = await stage(yamlOf("", ", concurrency: 1, queue: 0"));
    const first = call("hold", "a");
    await until("a");
    expect(await call("hold", "b")).toMatchObject({
      code: "queue.full",
      problems: [expect.stringContaining('"hold" is busy: calls that run: 1, calls that wait: 0, and none may wait;')],
    });
    const other = call("other", "c");
    await until("c");
    go();
    expect(kinds(await Promise.all([first, other]))).toEqual(["completed", "completed"]);
    expect(started()).toEqual(["a", "c"]);
  });

  test("is left by a call that is cancelled, which never starts", async () => {
    const { call, until, started, go } = await stage(yamlOf("concurrency: 1\nqueue: 1"));
    const first = call("hold", "a");
    await until("a");
    const abort = new AbortController();
    const cancelled = call("hold", "b", { signal: abort.signal });
    abort.abort();
    expect(await cancelled).toMatchObject({ kind: "cancelled", exitCode: null });
    const last = call("hold", "c");
    go();
    expect(kinds(await Promise.all([first, last]))).toEqual(["completed", "completed"]);
    expect(started()).toEqual(["a", "c"]);
  });

  test("of a hundred is refused at a shutdown, and what runs is cancelled", async () => {
    const { engine, call, until, started } = await stage(yamlOf("concurrency: 1"));
    const first = call("hold", "a");
    await until("a");
    const waiting = Array.from({ length: 100 }, (_, index) => call("hold", `b${index}`));
    await engine.close();
    expect((await first).kind).toBe("cancelled");
    for (const outcome of await Promise.all(waiting))
      expect(outcome).toMatchObject({ kind: "refused", code: "server.stopping" });
    expect(started()).toEqual(["a"]);
  });

  test("is passed by a dry run", async () => {
    const { call, until, go } = await stage(yamlOf("concurrency: 1\nqueue: 0"));
    const first = call("hold", "a");
    await until("a");
    expect((await call("hold", "b", { dryRun: true })).kind).toBe("planned");
    go();
    await first;
  });

  test("of 1,500 behind 64 at once is answered as a whole, without a warning", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", listen);
    const { engine } = await stage(yamlOf("concurrency: 64\nqueue: 1500"));
    const abort = new AbortController();
    const calls = Array.from({ length: 1564 }, () =>
      engine.call({ tool: "quick", arguments: {}, signal: abort.signal }),
    );
    const one = engine.call({ tool: "quick", arguments: {} });
    const outcomes = await Promise.all(calls);
    expect(new Set(kinds(outcomes))).toEqual(new Set(["completed"]));
    expect(await one).toMatchObject({ code: "queue.full" });
    process.off("warning", listen);
    expect(warnings).toEqual([]);
  });
});
