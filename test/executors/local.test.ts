import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Sink } from "../../src/executors/executor.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { atEnd, engineOf, folder, poll } from "../rig.ts";

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

/** Whether a process runs: one that is there only to be reaped does not. */
function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  try {
    return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

/** The numbers that a program printed, killed after the test whatever comes. */
function pids(text: string): readonly number[] {
  const found = [...text.matchAll(/^pid (\d+)$/gm)].map((match) => Number(match[1]));
  atEnd(() => {
    for (const pid of found.filter(isAlive)) process.kill(pid, "SIGKILL");
  });
  return found;
}

/** Script text that starts a process in a session of its own, and goes on once it is there and has printed its number. */
function detached(text: string): string {
  return `rm -f up; setsid sh -c 'echo pid $$; touch up; ${text}' & while [ ! -e up ]; do sleep 0.01; done`;
}

describe("how a program ended", () => {
  it.each([0, 1, 2, 3, 126, 127, 128, 137, 255])("exit code %i is told as it is", async (code) => {
    const outcome = await run(sh(`echo out; echo err >&2; exit ${code}`));
    expect(outcome).toMatchObject({
      kind: code === 0 ? "completed" : "failed",
      exitCode: code,
      signal: null,
      incomplete: false,
    });
    expect(stdout(outcome)).toBe("out\n");
    expect(outcome.kind !== "refused" && outcome.kind !== "planned" && outcome.stderr.head.toString()).toBe("err\n");
  });

  it.each(["SEGV", "KILL", "TERM", "HUP", "ABRT", "PIPE"])(
    "a signal of its own, SIG%s, is a failure that names it",
    async (name) => {
      expect(await run(sh(`kill -${name} $$`))).toMatchObject({ kind: "failed", exitCode: null, signal: `SIG${name}` });
    },
  );

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

  it("one that closes its output and runs on is waited for", async () => {
    const outcome = await run(sh("echo hi; exec >&- 2>&-; sleep 0.7; exit 4"));
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 4, incomplete: false });
    expect(outcome.durationMs).toBeGreaterThan(600);
    expect(stdout(outcome)).toBe("hi\n");
  });

  it("one that puts itself under another name or in another folder is still the one", async () => {
    expect(await run(sh("cd /; exec sh -c 'exit 7'"))).toMatchObject({ kind: "failed", exitCode: 7 });
  });
});

describe("stdin", () => {
  it("is closed when the command sets none", async () => {
    const engine = await engineWith({ cat: { run: ["cat"] }, read: sh('read -r x; echo "$?"') });
    expect(await engine.call({ tool: "cat", arguments: {} })).toMatchObject({
      kind: "completed",
      stdout: { bytes: 0 },
    });
    expect(stdout(await engine.call({ tool: "read", arguments: {} }))).toBe("1\n");
  });

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
    const engine = await engineWith({
      t: {
        run: ["sh", "-c", `exec 3<&0; ${detached("exec sleep 999 <&3 >/dev/null 2>&1")}; exit 0`],
        stdin: "${{ x }}",
        params: { x: { type: "string" } },
      },
    });
    await engine.call({ tool: "t", arguments: { x: "warm" } }).then((outcome) => pids(stdout(outcome)));
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 5; round++)
      pids(stdout(await engine.call({ tool: "t", arguments: { x: "x".repeat(1_000_000) } })));
    await poll(
      () => readdirSync("/proc/self/fd").length <= before,
      () => `${readdirSync("/proc/self/fd").length} handles, before ${before}`,
    );
  });
});

describe("output", () => {
  it("bytes come through as they are, on both streams, each in its order", async () => {
    const outcome = await run(sh(String.raw`for i in 1 2 3; do printf '\377\000%s' $i; printf 'e%s' $i >&2; done`));
    if (outcome.kind !== "completed") throw new Error(`came ${outcome.kind}`);
    expect(outcome.stdout.head).toEqual(Buffer.from([255, 0, 49, 255, 0, 50, 255, 0, 51]));
    expect(outcome.stderr.head.toString()).toBe("e1e2e3");
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

describe("a timeout", () => {
  it("asks first: a program that ends at SIGTERM can clean up, and what it printed is kept", async () => {
    const outcome = await run(
      sh("trap 'echo bye; exit 0' TERM; echo hi; while :; do sleep 0.05; done", { timeout: "300ms" }),
    );
    expect(outcome).toMatchObject({ kind: "timed_out", exitCode: 0, signal: null });
    expect(stdout(outcome)).toBe("hi\nbye\n");
    expect(outcome.durationMs).toBeGreaterThanOrEqual(290);
    expect(outcome.durationMs).toBeLessThan(300 + SLACK_MS);
  });

  it("then kills: one that ignores SIGTERM is gone after the grace", async () => {
    const outcome = await run(sh("trap '' TERM; echo hi; while :; do sleep 0.05; done", { timeout: "300ms" }));
    expect(outcome).toMatchObject({ kind: "timed_out", exitCode: null, signal: "SIGKILL" });
    expect(stdout(outcome)).toBe("hi\n");
    expect(outcome.durationMs).toBeGreaterThanOrEqual(300 + GRACE_MS - 20);
    expect(outcome.durationMs).toBeLessThan(300 + GRACE_MS + SLACK_MS);
  });

  it("kills one that has stopped itself, which no SIGTERM reaches", async () => {
    const outcome = await run(sh("kill -STOP $$", { timeout: "300ms" }));
    expect(outcome).toMatchObject({ kind: "timed_out", signal: "SIGKILL" });
  });

  it("reaches the children, too", async () => {
    const outcome = await run(
      sh("sleep 999 & echo pid $!; (sleep 999; true) & echo pid $!; wait", { timeout: "300ms" }),
    );
    expect(outcome.kind).toBe("timed_out");
    const found = pids(stdout(outcome));
    expect(found).toHaveLength(2);
    await poll(
      () => !found.some(isAlive),
      () => "a child lives on",
    );
  });

  it("kills children that ignore SIGTERM when their parent has ended at it", async () => {
    const outcome = await run(
      sh("(trap '' TERM; while :; do sleep 0.05; done) & echo pid $!; trap 'exit 0' TERM; wait", { timeout: "300ms" }),
    );
    expect(outcome).toMatchObject({ kind: "timed_out", exitCode: 0 });
    const found = pids(stdout(outcome));
    await poll(
      () => !found.some(isAlive),
      () => "a child lives on",
    );
  });

  it("does not touch a program that ends in time", async () => {
    expect(await run(sh("sleep 0.2; exit 0", { timeout: "30s" }))).toMatchObject({ kind: "completed" });
  });
});

describe("a cancel", () => {
  it("stops a program that runs, and what it printed is kept", async () => {
    const engine = await engineWith({ t: sh("echo ready; sleep 999") });
    const running = start(engine);
    await running.printed(/^ready$/m);
    const before = performance.now();
    running.cancel();
    const outcome = await running.outcome;
    expect(outcome).toMatchObject({ kind: "cancelled", exitCode: null, signal: "SIGTERM" });
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

describe("what a program leaves behind", () => {
  it("a grandchild in a session of its own that holds the output does not hold the call", async () => {
    const before = performance.now();
    const outcome = await run(sh(`${detached("exec sleep 999")}; echo hi; exit 3`));
    const took = performance.now() - before;
    pids(stdout(outcome));
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 3, incomplete: true });
    expect(stdout(outcome)).toMatch(/^pid \d+\nhi\n$/);
    expect(took).toBeLessThan(500 + SLACK_MS);
  });

  it("not even one that goes on printing", async () => {
    const before = performance.now();
    const outcome = await run(sh(`${detached("echo pid $$ >&2; exec yes")}; exit 3`));
    if (outcome.kind !== "failed") throw new Error(`came ${outcome.kind}`);
    pids(outcome.stderr.head.toString());
    expect(outcome).toMatchObject({ exitCode: 3, incomplete: true });
    expect(performance.now() - before).toBeLessThan(500 + 2 * SLACK_MS);
  });

  it("children of its own group are killed when it has ended, and no output is missing", async () => {
    const outcome = await run(sh("sleep 999 & echo pid $!; nohup sleep 998 & echo pid $!; exit 0"));
    expect(outcome).toMatchObject({ kind: "completed", incomplete: false });
    const found = pids(stdout(outcome));
    expect(found).toHaveLength(2);
    await poll(
      () => !found.some(isAlive),
      () => "a child lives on",
    );
    expect(outcome.durationMs).toBeLessThan(SLACK_MS);
  });
});

function place(): string {
  const root = folder({ "not-executable": "#!/bin/sh\n", "bad-shebang": "#!/no/such/interpreter\n" });
  for (const name of ["bad-shebang"]) chmodSync(join(root, name), 0o755);
  mkdirSync(join(root, "folder"));
  return root;
}

describe("what does not start is refused for its reason", () => {
  it.each([
    ["a program that is nowhere on PATH", { run: ["no-such-program-at-all"] }, "program.missing"],
    ["a program that is not at its path", { run: ["./nowhere"] }, "program.missing"],
    ["a path through a file", { run: ["./not-executable/x"] }, "program.missing"],
    ["a file without the permission", { run: ["./not-executable"] }, "program.not_executable"],
    ["a folder", { run: ["./folder"] }, "program.not_executable"],
    ["a script whose interpreter is missing", { run: ["./bad-shebang"] }, "program.missing"],
    ["a working directory that is missing", { run: ["true"], cwd: "gone" }, "cwd.missing"],
    ["a working directory that is a file", { run: ["true"], cwd: "not-executable" }, "cwd.missing"],
  ] as const)("%s", async (_what, command, code) => {
    const engine = await engineWith({ t: command, after: { run: ["true"] } }, place());
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "refused", code });
    expect(outcome.kind === "refused" && outcome.problems.join("")).not.toMatch(/ at .*:\d+:\d+/);
    expect(await engine.call({ tool: "after", arguments: {} })).toMatchObject({ kind: "completed" });
  });

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

  it("arguments that together are more than the system passes on", async () => {
    const engine = await engineWith({
      t: { run: ["true", "--", "${{ x }}"], params: { x: { type: "array" } } },
      after: { run: ["true"] },
    });
    const x = Array.from({ length: 40 }, () => "x".repeat(120_000));
    expect(await engine.call({ tool: "t", arguments: { x } })).toMatchObject({
      kind: "refused",
      code: "arguments.too_large",
    });
    expect(await engine.call({ tool: "after", arguments: {} })).toMatchObject({ kind: "completed" });
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
    const engine = await engineWith({
      polite: sh("echo ready; sleep 999"),
      stubborn: sh("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
      parent: sh("sleep 999 & echo pid $!; echo ready; wait"),
    });
    const calls = ["polite", "stubborn", "parent", "polite", "stubborn"].map((tool) => start(engine, tool));
    const texts = await Promise.all(calls.map((call) => call.printed(/^ready$/m)));
    const found = pids(texts.join(""));
    expect(found).toHaveLength(1);
    const before = performance.now();
    const closing = engine.close();
    expect(await engine.call({ tool: "polite", arguments: {} })).toMatchObject({
      kind: "refused",
      code: "server.stopping",
    });
    await closing;
    expect(performance.now() - before).toBeLessThan(2000);
    for (const { outcome } of calls) expect((await outcome).kind).toBe("cancelled");
    await poll(
      () => !found.some(isAlive),
      () => "a child lives on",
    );
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
