import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import { ownedName } from "../../src/base/owner.ts";
import type { Sink } from "../../src/base/sink.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { engineOf, folder, load, poll } from "../rig.ts";
import { programs } from "./programs.ts";
import { alive, freshWord, gone } from "./survivors.ts";
import { placeOf } from "./variants.ts";

/** GRACE between SIGTERM and SIGKILL, as the design gives it, and what a loaded machine may add. */
const GRACE_MS = 2000;
const SLACK_MS = 1500;

function engineWith(commands: Readonly<Record<string, object>>, where: string = folder()): Promise<Engine> {
  const list = Object.entries(commands).map(([name, words]) => Object.assign({ name, description: "d" }, words));
  return engineOf(JSON.stringify({ commands: list }), { folder: where });
}

function sh(script: string, more: object = {}): object {
  return { shell: "sh", run: script, ...more };
}

interface Running {
  readonly outcome: Promise<Outcome>;
  readonly cancel: () => void;
  /** Resolves with what was printed so far as soon as a whole line of it matches. */
  readonly printed: (pattern: RegExp) => Promise<string>;
}

function start(engine: Engine, tool = "t", args: object = {}): Running {
  const controller = new AbortController();
  let text = "";
  const outcome = engine.call({
    tool,
    arguments: args,
    signal: controller.signal,
    stdout: (chunk) => void (text += chunk.toString()),
  });
  return {
    outcome,
    cancel: () => controller.abort(),
    printed: async (pattern) => {
      await poll(
        () => pattern.test(text) && text.endsWith("\n"),
        () => `nothing like ${String(pattern)} in ${JSON.stringify(text)}`,
      );
      return text;
    },
  };
}

async function run(command: object, args: object = {}): Promise<Outcome> {
  return (await engineWith({ t: command })).call({ tool: "t", arguments: args });
}

function stdout(outcome: Outcome): string {
  if (outcome.kind === "refused" || outcome.kind === "planned")
    throw new Error(`came ${JSON.stringify(outcome).slice(0, 500)}`);
  return Buffer.concat([outcome.stdout.head, outcome.stdout.tail]).toString();
}

describe("how a program ended", () => {
  it("the codes of `ok_exit_codes` complete, with the meaning that the file gives them, and others fail", async () => {
    const engine = await engineWith({
      map: {
        run: ["sh", "-c", 'exit "$1"', "sh", "${{ code }}"],
        params: { code: { type: "integer", minimum: 0 } },
        ok_exit_codes: { 0: "found", 1: "no match", 5: "none" },
      },
      list: {
        run: ["sh", "-c", 'exit "$1"', "sh", "${{ code }}"],
        params: { code: { type: "integer", minimum: 0 } },
        ok_exit_codes: [3],
      },
    });
    const say = (tool: string, code: number): Promise<Outcome> => engine.call({ tool, arguments: { code } });
    expect(await say("map", 0)).toMatchObject({ kind: "completed", exitCode: 0, meaning: "found" });
    expect(await say("map", 1)).toMatchObject({
      kind: "completed",
      exitCode: 1,
      meaning: "no match",
      shown: { text: "exit code 1: no match" },
    });
    expect(await say("map", 2)).toMatchObject({ kind: "failed", exitCode: 2, meaning: "" });
    expect(await say("list", 3)).toMatchObject({ kind: "completed", exitCode: 3 });
    expect(await say("list", 0)).toMatchObject({ kind: "failed", exitCode: 0 });
  });

  it("one that puts itself under another name or in another folder is still the one", async () => {
    expect(await run(sh("cd /; exec sh -c 'exit 7'"))).toMatchObject({ kind: "failed", exitCode: 7 });
  });
});

describe("stdin", () => {
  it("a megabyte that nobody reads does no harm", async () => {
    const params = { x: { type: "string" } };
    const engine = await engineWith({
      unread: { run: ["true"], stdin: "${{ x }}", params },
      closed: sh("exec <&-; sleep 0.2; echo ok", { stdin: "${{ x }}", params }),
      partly: { run: ["head", "-c", "5"], stdin: "${{ x }}", params },
      failing: sh("exit 3", { stdin: "${{ x }}", params }),
    });
    const x = "x".repeat(1_000_000);
    expect(await engine.call({ tool: "unread", arguments: { x } })).toMatchObject({ kind: "completed", exitCode: 0 });
    expect(stdout(await engine.call({ tool: "partly", arguments: { x } }))).toBe("xxxxx");
    // Through a shell the text is a variable, too, and too long for one.
    for (const tool of ["closed", "failing"])
      expect(await engine.call({ tool, arguments: { x: "x".repeat(130_000) } })).toMatchObject({
        exitCode: tool === "closed" ? 0 : 3,
      });
  });

  it("a megabyte that is read arrives whole, while the program answers", async () => {
    const x = "0123456789abcdé😀\n".repeat(60_000);
    const outcome = await run(
      { run: ["cat"], stdin: "${{ x }}", params: { x: { type: "string" } }, output: { max: "8MiB" } },
      { x },
    );
    expect(stdout(outcome)).toBe(x);
  });

  it("one that a grandchild keeps open and does not read leaves no handle of ours open", async () => {
    const word = freshWord();
    const stay = `exec 3<&0; env -i setsid ${placeOf("perl")} stay.pl ${word}-bare <&3 >/dev/null 2>&1 &`;
    const engine = await engineWith(
      {
        t: {
          run: ["sh", "-c", `rm -f up-*; ${stay} until [ -e up-${word}-bare ]; do sleep 0.01; done`],
          stdin: "${{ x }}",
          params: { x: { type: "string" } },
          isolation: "group",
        },
      },
      programs(),
    );
    await engine.call({ tool: "t", arguments: { x: "warm" } });
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 3; round++) await engine.call({ tool: "t", arguments: { x: "x".repeat(1_000_000) } });
    expect(alive(word)).toHaveLength(4);
    await poll(
      () => readdirSync("/proc/self/fd").length <= before,
      () => `${readdirSync("/proc/self/fd").length} handles, before ${before}`,
    );
  });
});

describe("output", () => {
  it("much that was printed before a cancel is told, and no handle or file of it stays", async () => {
    const script = 'head -c 3000000 /dev/zero | tr "\\0" x; echo "the end"; exec sleep 60';
    const engine = await engineWith({ t: sh(script, { output: { max: "8MiB" } }), warm: { run: ["true"] } });
    await engine.call({ tool: "warm", arguments: {} });
    const handles = (): number => readdirSync("/proc/self/fd").length;
    const left = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(ownedName("")));
    const before = { handles: handles(), left: left() };
    const { outcome, cancel, printed } = start(engine);
    await printed(/the end\n$/);
    cancel();
    expect(await outcome).toMatchObject({ kind: "cancelled", stdout: { bytes: 3_000_008 } });
    expect(stdout(await outcome)).toBe(`${"x".repeat(3_000_000)}the end\n`);
    await poll(
      () => handles() <= before.handles,
      () => `${handles()} handles, before ${before.handles}`,
    );
    expect(left()).toEqual(before.left);
  });

  it("bytes come through as they are, on both streams, each in its order", async () => {
    const outcome = await run(sh(String.raw`for i in 1 2 3; do printf '\377\000%s' $i; printf 'e%s' $i >&2; done`));
    if (outcome.kind !== "completed") throw new Error(`came ${outcome.kind}`);
    expect(outcome.stdout.head).toEqual(Buffer.from([255, 0, 49, 255, 0, 50, 255, 0, 51]));
    expect(outcome.stderr.head.toString()).toBe("e1e2e3");
  });

  it("a program may open its output again, as scripts that print to /dev/stderr do", async () => {
    const outcome = await run(sh("echo out > /dev/stdout; echo err > /dev/stderr; echo more >> /dev/stdout"));
    if (outcome.kind !== "completed") throw new Error(`came ${outcome.kind}`);
    expect([outcome.stdout.head.toString(), outcome.stderr.head.toString()]).toEqual(["out\nmore\n", "err\n"]);
  });

  it("a hundred megabytes are counted, and memory holds the ends of them", async () => {
    const engine = await engineWith({ t: sh("printf start; head -c 100000000 /dev/zero; printf end") });
    const before = process.memoryUsage().rss;
    const outcome = await engine.call({ tool: "t", arguments: {} });
    if (outcome.kind !== "completed") throw new Error(`came ${outcome.kind}`);
    expect(outcome.stdout.bytes).toBe(100_000_008);
    expect(outcome.stdout.head.subarray(0, 5).toString()).toBe("start");
    expect(outcome.stdout.tail.subarray(-3).toString()).toBe("end");
    expect(outcome.stdout.head.length + outcome.stdout.tail.length).toBeLessThan(100_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("a slow reader slows the program down and loses nothing", async () => {
    const engine = await engineWith({ t: { run: ["head", "-c", "3000000", "/dev/zero"] } });
    let received = 0;
    let most = 0;
    let waiting = 0;
    const slow: Sink = async (chunk) => {
      most = Math.max(most, ++waiting);
      await new Promise((resolve) => setImmediate(resolve));
      received += chunk.length;
      waiting--;
    };
    const outcome = await engine.call({ tool: "t", arguments: {}, stdout: slow });
    expect(outcome).toMatchObject({ kind: "completed", incomplete: false });
    expect(received).toBe(3_000_000);
    // Once the program has ended, Node itself lets flow what is left in the pipe.
    expect(most).toBeLessThanOrEqual(4);
  });

  it("a reader that never reads on does not hold the call over its timeout", async () => {
    const engine = await engineWith({ t: { run: ["yes"], timeout: "300ms" } });
    const release: (() => void)[] = [];
    const call = engine.call({
      tool: "t",
      arguments: {},
      stdout: () => new Promise((resolve) => release.push(resolve)),
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">(
      (resolve) => (timer = setTimeout(() => resolve("late"), 300 + GRACE_MS + 2 * SLACK_MS)),
    );
    const first = await Promise.race([call, late]);
    clearTimeout(timer);
    const releasing = setInterval(() => release.splice(0).forEach((each) => each()), 10);
    await call;
    clearInterval(releasing);
    expect(first).toMatchObject({ kind: "timed_out" });
  });

  it("a reader that fails does not stop the call", async () => {
    const engine = await engineWith({ t: { run: ["head", "-c", "300000", "/dev/zero"] } });
    expect(
      await engine.call({ tool: "t", arguments: {}, stdout: () => Promise.reject(new Error("gone")) }),
    ).toMatchObject({ kind: "completed", stdout: { bytes: 300_000 } });
    const outcome = await engine.call({
      tool: "t",
      arguments: {},
      stdout: () => {
        throw new Error("gone");
      },
    });
    expect(outcome).toMatchObject({ kind: "completed", stdout: { bytes: 300_000 } });
  });
});

it("L8: a timeout of nothing, below nothing, without a unit, or longer than timers count does not load", async () => {
  const command = (timeout: unknown): string =>
    JSON.stringify({ commands: [{ name: "t", description: "d", run: ["true"], timeout }] });
  for (const wrong of [0, -1, 1.5, 1000, "0s", "-1s", "1", "NaN", "Infinity", "1e3s", "25d", "2147483648ms", "", ".5s"])
    expect([wrong, (await load(command(wrong))).catalogue]).toEqual([wrong, null]);
  for (const [right, ms] of [
    ["1ms", 1],
    ["0.5s", 500],
    ["24d", 24 * 86_400_000],
  ] as const)
    expect((await load(command(right))).catalogue?.commands[0]?.timeoutMs).toBe(ms);
});

describe("a cancel", () => {
  it("stops a program that runs, and what it printed is kept", async () => {
    const engine = await engineWith({ t: sh("echo ready; sleep 999") });
    const running = start(engine);
    await running.printed(/^ready$/m);
    const before = performance.now();
    running.cancel();
    const outcome = await running.outcome;
    expect(outcome).toMatchObject({ kind: "cancelled", exitCode: 143, signal: "SIGTERM" });
    expect(stdout(outcome)).toBe("ready\n");
    expect(performance.now() - before).toBeLessThan(SLACK_MS);
  });

  it("kills after the grace", async () => {
    const engine = await engineWith({ t: sh("trap '' TERM; echo ready; while :; do sleep 0.05; done") });
    const running = start(engine);
    await running.printed(/^ready$/m);
    running.cancel();
    expect(await running.outcome).toMatchObject({ kind: "cancelled", signal: "SIGKILL" });
  });

  it("before the start nothing is started, and the outcome is a cancelled call", async () => {
    const root = folder();
    const engine = await engineWith({ t: sh("touch started") }, root);
    const outcome = await engine.call({ tool: "t", arguments: {}, signal: AbortSignal.abort() });
    expect(existsSync(join(root, "started"))).toBe(false);
    expect(outcome.kind === "refused" ? outcome.code : outcome.kind).not.toBe("server.stopping");
  });

  it("at any moment gives one outcome, and leaves nothing behind", async () => {
    const engine = await engineWith({ t: sh("exit 0") });
    const kinds = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const controller = new AbortController();
        const call = engine.call({ tool: "t", arguments: {}, signal: controller.signal });
        for (let turn = 0; turn < index; turn++) await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        return (await call).kind;
      }),
    );
    expect(kinds).toHaveLength(60);
    expect(kinds.every((kind) => ["completed", "cancelled", "refused"].includes(kind))).toBe(true);
  });
});

it("a grandchild that nothing holds, and that goes on printing, does not hold the call", async () => {
  const word = freshWord();
  const print = `env -i setsid ${placeOf("perl")} -e 'print "y\\n" while 1' ${word}`;
  const outcome = await run(sh(`${print} & sleep 0.1; exit 3`, { isolation: "group", timeout: "1m" }));
  expect(outcome).toMatchObject({ kind: "failed", exitCode: 3, incomplete: true, loose: true });
  expect(outcome.kind === "failed" && outcome.shown.text).toContain("may still run");
  expect(outcome.durationMs).toBeLessThan(500 + 2 * SLACK_MS);
  // Nobody reads what it prints any more.
  await gone(word);
});

describe("what does not start is refused for its reason", () => {
  it("a program that is installed after the catalogue was loaded is found", async () => {
    const root = folder({ "late.txt": "#!/bin/sh\necho late\n" });
    const engine = await engineWith({ t: { run: ["./late"] } }, root);
    expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ code: "program.missing" });
    copyFileSync(join(root, "late.txt"), join(root, "late"));
    chmodSync(join(root, "late"), 0o755);
    expect(stdout(await engine.call({ tool: "t", arguments: {} }))).toBe("late\n");
  });

  it("a program that is removed after the catalogue was loaded is missing", async () => {
    const root = folder({ tool: "#!/bin/sh\necho hi\n" });
    chmodSync(join(root, "tool"), 0o755);
    const engine = await engineWith({ t: { run: ["./tool"] } }, root);
    rmSync(join(root, "tool"));
    expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ kind: "refused", code: "program.missing" });
  });

  it("a tool that nobody declared, with the name that may be meant", async () => {
    const engine = await engineWith({ search: { run: ["true"] } });
    const outcome = await engine.call({ tool: "serch", arguments: {} });
    expect(outcome).toMatchObject({ kind: "refused", code: "tool.unknown" });
    expect(outcome.kind === "refused" && outcome.problems.join("")).toContain("search");
  });
});

describe("closing the engine", () => {
  it("cancels what runs, stubborn programs too, within two seconds, and refuses what comes after", async () => {
    const word = freshWord();
    const engine = await engineWith({
      polite: sh("echo ready; sleep 999"),
      stubborn: sh("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
      parent: sh(`perl -e 'sleep 999' ${word} & echo ready; wait`),
    });
    const calls = ["polite", "stubborn", "parent", "polite", "stubborn"].map((tool) => start(engine, tool));
    await Promise.all(calls.map((call) => call.printed(/^ready$/m)));
    const before = performance.now();
    const closing = engine.close();
    expect(await engine.call({ tool: "polite", arguments: {} })).toMatchObject({
      kind: "refused",
      code: "server.stopping",
    });
    await closing;
    expect(performance.now() - before).toBeLessThan(2000);
    for (const { outcome } of calls) expect((await outcome).kind).toBe("cancelled");
    await gone(word);
  });

  it("with nothing running is done at once, and twice does no harm", async () => {
    const engine = await engineWith({ t: { run: ["true"] } });
    await engine.close();
    await engine.close();
    expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ code: "server.stopping" });
  });
});

it("200 calls at once get each its own answer", async () => {
  const engine = await engineWith({
    t: {
      run: ["sh", "-c", 'echo "$1"; echo "$1" >&2; exit "$2"', "sh", "${{ word }}", "${{ code }}"],
      params: { word: { type: "string" }, code: { type: "integer", minimum: 0 } },
    },
  });
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      engine.call({ tool: "t", arguments: { word: `word ${index}`, code: index % 7 } }),
    ),
  );
  outcomes.forEach((outcome, index) => {
    expect(outcome).toMatchObject({
      kind: index % 7 === 0 ? "completed" : "failed",
      exitCode: index % 7,
      incomplete: false,
    });
    expect(stdout(outcome)).toBe(`word ${index}\n`);
  });
  expect(new Set(outcomes.map((outcome) => outcome.callId)).size).toBe(200);
}, 120_000);
