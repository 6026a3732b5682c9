// The process that starts programs: what it is told arrives as it was, what the system says comes back, and nothing outlives anybody.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Output } from "../../src/executors/child.ts";
import { type Spawner, openSpawner } from "../../src/executors/spawner.ts";
import { type Told, createHearing } from "../../src/executors/spawner-wire.ts";
import { raw } from "../mcp/raw.ts";
import { atEnd, engineOf, folder, poll } from "../rig.ts";
import { alive, childrenOf, freshWord, gone, spawnerOf } from "./survivors.ts";
import { catalogueOf, placeOf } from "./variants.ts";

const WHERE = "/";

function opened(): Spawner {
  const spawner = openSpawner();
  if (!spawner) throw new Error("this build has no spawner: install musl-gcc (Debian: musl-tools), and build again");
  atEnd(() => spawner.close());
  return spawner;
}

interface Run {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly input?: string;
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: readonly [number | null, NodeJS.Signals | null];
}

async function run(spawner: Spawner, { argv, cwd = WHERE, env = [], input }: Run): Promise<Ran> {
  const child = await spawner.spawn({ argv, cwd, env, hasInput: input !== undefined }, new AbortController().signal);
  if (!child?.stdout || !child.stderr) throw new Error("it is not known whether it began");
  const end = new Promise<Ran["end"]>((resolve) => child.onExit((...told) => resolve(told)));
  child.stdin?.end(input);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { stdout, stderr, end: await end };
}

async function textOf(output: Output): Promise<string> {
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  await new Promise((resolve) => output.once("close", resolve));
  return Buffer.concat(chunks).toString();
}

const word = fc.string({ unit: "binary", maxLength: 40 }).filter((each) => !each.includes("\0"));

describe("what it is told", () => {
  it("arguments, variables and input arrive as they are, whatever they are made of", async () => {
    const spawner = opened();
    const printf = placeOf("printf");
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 20 }), word, word, async (args, value, input) => {
        const whole = (each: string): string => each.toWellFormed();
        const printed = await run(spawner, { argv: [printf, "%s\\0", ...args] });
        expect(printed.stdout.split("\0").slice(0, -1)).toEqual(args.map(whole));
        const variables = await run(spawner, { argv: [placeOf("env"), "-0"], env: [`A=${value}`, "B="] });
        expect(variables.stdout.split("\0").toSorted()).toEqual(["", `A=${whole(value)}`, "B="]);
        expect((await run(spawner, { argv: [placeOf("cat")], input })).stdout).toBe(whole(input));
      }),
      { numRuns: 100 },
    );
  });

  it("what the system passes on at the most arrives, and one character more is refused as Node's own spawn refuses it", async () => {
    const spawner = opened();
    // A single argument may be 128 KiB with its end (execve(2)).
    const longest = "x".repeat(128 * 1024 - 1);
    expect((await run(spawner, { argv: [placeOf("printf"), "%s", longest] })).stdout).toBe(longest);
    await expect(run(spawner, { argv: [placeOf("printf"), "%s", `${longest}x`] })).rejects.toMatchObject({
      code: "E2BIG",
    });
    await expect(
      run(spawner, { argv: [placeOf("true"), ...Array<string>(70).fill("x".repeat(2 ** 20))] }),
    ).rejects.toMatchObject({ code: "E2BIG" });
  });

  it("a NUL is refused, and what runs meanwhile goes on", async () => {
    const spawner = opened();
    const runs = run(spawner, { argv: [placeOf("cat")], input: "still here" });
    for (const argv of [["/bin/echo", "a\0b"], ["/bin/ec\0ho"]] as const)
      await expect(run(spawner, { argv: [...argv] })).rejects.toMatchObject({ code: "EINVAL" });
    await expect(run(spawner, { argv: ["/bin/true"], env: ["A=\0"] })).rejects.toMatchObject({ code: "EINVAL" });
    expect((await runs).stdout).toBe("still here");
  });

  it("what it says is heard whole, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 4, maxLength: 4 })),
        fc.array(fc.nat(60)),
        (all, cuts) => {
          const bytes = Buffer.alloc(all.length * 20);
          all.forEach((words, at) =>
            [1 + (at % 4), ...words].forEach((each, index) => bytes.writeInt32LE(each, at * 20 + index * 4)),
          );
          const hear = createHearing();
          const told: Told[] = [];
          let rest = bytes;
          for (const cut of cuts) {
            told.push(...hear(Buffer.from(rest.subarray(0, cut))));
            rest = rest.subarray(cut);
          }
          told.push(...hear(rest));
          expect(told).toEqual(createHearing()(bytes));
          expect(told.map(({ call }) => call)).toEqual(all.map(([call]) => call));
        },
      ),
    );
  });
});

describe("what it tells", () => {
  it("why a program was not started, in the words of Node's own spawn", async () => {
    const spawner = opened();
    const where = folder();
    writeFileSync(join(where, "plain"), "text", { mode: 0o644 });
    writeFileSync(join(where, "format"), Buffer.from("\u007fELF\u0000\u0000 nonsense"), { mode: 0o755 });
    const cases: readonly (readonly [file: string, cwd: string])[] = [
      [join(where, "missing"), where],
      [join(where, "plain"), where],
      [join(where, "plain", "below"), where],
      [where, where],
      ["/bin/true", join(where, "nowhere")],
      ["/bin/true", join(where, "plain")],
    ];
    for (const [file, cwd] of cases) {
      const { code } = spawnSync(file, { cwd }).error as NodeJS.ErrnoException;
      await expect(run(spawner, { argv: [file], cwd }), `${file} in ${cwd}`).rejects.toMatchObject({ code });
    }
    // Node hands this to a shell.
    await expect(run(spawner, { argv: [join(where, "format")] })).rejects.toMatchObject({ code: "ENOEXEC" });
  });

  it("how a program ended: every exit code, and every signal", async () => {
    const spawner = opened();
    const ends = await Promise.all(
      Array.from({ length: 256 }, (_, code) => run(spawner, { argv: ["/bin/sh", "-c", `exit ${code}`] })),
    );
    expect(ends.map(({ end }) => end)).toEqual(Array.from({ length: 256 }, (_, code) => [code, null]));
    const harmless = new Set([17, 18, 19, 20, 21, 22, 23, 28]);
    for (const number of Array.from({ length: 31 }, (_, at) => at + 1).filter((each) => !harmless.has(each))) {
      const argv = ["/bin/sh", "-c", `ulimit -c 0; kill -${number} $$`] as const;
      expect((await run(spawner, { argv })).end).toEqual([null, spawnSync(argv[0], argv.slice(1)).signal]);
    }
    // Node has no name for this one.
    expect((await run(spawner, { argv: ["/bin/sh", "-c", "kill -40 $$"] })).end).toEqual([168, null]);
  });

  it("a program is started as Node would start it: in a session of its own, with no signal ignored or held, and with three files", async () => {
    const spawner = opened();
    const script = "cat /proc/$$/stat; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ls /proc/$$/fd";
    const { stdout } = await run(spawner, { argv: ["/bin/sh", "-c", script] });
    const [pid, , , , group, session] = stdout.split(" ");
    expect([group, session]).toEqual([pid, pid]);
    const own = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).stdout;
    const rest = (printed: string): string => printed.slice(printed.indexOf("\n"));
    expect(rest(stdout)).toBe(rest(own));
  });

  it("the server stands still for longer than an answer may take: the answer is read, and nothing is killed", async () => {
    const spawner = opened();
    const begun = spawner.spawn({ argv: ["/bin/true"], cwd: WHERE, env: [], hasInput: false }, AbortSignal.abort());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2300);
    const child = await begun;
    const end = new Promise((resolve) => child?.onExit((...told) => resolve(told)));
    expect(await end).toEqual([0, null]);
    expect(spawner.isOpen()).toBe(true);
  });

  it("much output has a large pipe, but for programs beyond the first 64, as a user may have only so much of them", async () => {
    const spawner = opened();
    const argv = [placeOf("python3"), "-c", "import fcntl; print(fcntl.fcntl(1, 1032), fcntl.fcntl(2, 1032))"] as const;
    expect((await run(spawner, { argv })).stdout).toBe("262144 65536\n");
    const waits = Array.from({ length: 64 }, () => run(spawner, { argv: ["/bin/sh", "-c", "kill -STOP $$"] }));
    const pid = spawnerOf(process.pid);
    const isStopped = (each: number): boolean => / T /.test(readFileSync(`/proc/${each}/stat`, "utf8"));
    await poll(
      () => childrenOf(pid).filter(isStopped).length === 64,
      () => `${childrenOf(pid).length} of 64 have begun`,
    );
    expect((await run(spawner, { argv })).stdout).toBe("65536 65536\n");
    for (const each of childrenOf(pid)) process.kill(each, "SIGKILL");
    await Promise.all(waits);
  });

  it("64 at once, a thousand times: each its own output and end, and nothing stays", async () => {
    const spawner = opened();
    const pid = spawnerOf(process.pid);
    await run(spawner, { argv: ["/bin/true"] });
    const files = readdirSync(`/proc/${pid}/fd`).length;
    let next = 0;
    const caller = async (): Promise<void> => {
      for (let id = next++; id < 1000; id = next++) {
        const script = `echo out-${id}; echo err-${id} >&2; exit ${id % 200}`;
        const ran = await run(spawner, { argv: ["/bin/sh", "-c", script] });
        expect(ran).toEqual({ stdout: `out-${id}\n`, stderr: `err-${id}\n`, end: [id % 200, null] });
      }
    };
    await Promise.all(Array.from({ length: 64 }, caller));
    await poll(
      () => readdirSync(`/proc/${pid}/fd`).length === files && childrenOf(pid).length === 0,
      () => `left: ${readdirSync(`/proc/${pid}/fd`).join()}, children ${childrenOf(pid).join()}`,
    );
  });
});

describe("when the system gives nothing more", () => {
  it("file descriptors run out: what has none for its output is refused, the rest runs, and the server lives", async () => {
    const [most, count] = [100, 60];
    const session = await raw(
      `{ "concurrency": 60, ${catalogueOf({ t: { run: ["sleep", "0.5"], isolation: "group" }, after: { run: ["true"] } }).slice(1)}`,
      {},
      { under: ["/bin/sh", "-c", `ulimit -n ${most}; exec "$@"`, "sh"] },
    );
    for (let id = 1; id <= count; id++) session.call(id, "t", {});
    const answers = await Promise.all(Array.from({ length: count }, (_, at) => session.answer(at + 1)));
    const told = answers.map(({ result }) => result?._meta?.["mcpfier/call"]?.["outcome"]);
    expect(new Set(told)).toEqual(new Set(["completed", "refused"]));
    for (const { result } of answers.filter((each) => each.result?.isError === true))
      expect(result?.content?.[0]?.text).toMatch(/the system cannot start another process now \(EMFILE\); try again/);
    session.call(count + 1, "after", {});
    expect((await session.answer(count + 1)).result?.isError).not.toBe(true);
    expect(await session.end()).toBe(0);
  });

  it("a spawner that hangs is killed soon after a cancel", async () => {
    const spawner = opened();
    process.kill(spawnerOf(process.pid), "SIGSTOP");
    const abort = new AbortController();
    const program = { argv: ["/bin/true"], cwd: WHERE, env: [], hasInput: false } as const;
    const spawned = spawner.spawn(program, abort.signal);
    abort.abort();
    // It has not begun, and may begin elsewhere.
    await expect(spawned).rejects.toMatchObject({ code: "EPIPE" });
    expect(spawner.isOpen()).toBe(false);
  });
});

describe("who ends first", () => {
  it("it is killed: calls are lost sight of, what they ran is killed, and the next calls run all the same", async () => {
    const where = folder();
    const id = freshWord();
    const engine = await engineOf(
      catalogueOf({
        group: { run: ["sh", "-c", `: > group-up; exec sleep 999 # ${id}`], isolation: "group" },
        own: { run: ["sh", "-c", `: > own-up; exec tail -f /dev/null # ${id}`] },
        after: { run: ["sh", "-c", "echo well; exit 4"] },
      }),
      { folder: where },
    );
    const calls = ["group", "own"].map((tool) => engine.call({ tool, arguments: {} }));
    await poll(
      () => existsSync(join(where, "group-up")) && existsSync(join(where, "own-up")),
      () => "not up",
    );
    process.kill(spawnerOf(process.pid), "SIGKILL");
    for (const outcome of await Promise.all(calls))
      expect(outcome).toMatchObject({ kind: "unknown", why: expect.stringContaining("starts programs") as string });
    await gone(id);
    for (let round = 0; round < 3; round++)
      expect(await engine.call({ tool: "after", arguments: {} })).toMatchObject({ kind: "failed", exitCode: 4 });
  });

  it("it is asked to end, as all processes of a service are: what runs goes on until the server has it end", async () => {
    const spawner = opened();
    const pid = spawnerOf(process.pid);
    await run(spawner, { argv: [placeOf("true")] });
    const runs = run(spawner, { argv: [placeOf("sh"), "-c", "read line; echo heard; exit 5"], input: "line\n" });
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.kill(pid, name);
    expect(await runs).toMatchObject({ stdout: "heard\n", end: [5, null] });
    expect(spawner.isOpen()).toBe(true);
  });

  it("the server is killed: what its calls ran is killed, by nobody but its spawner", async () => {
    const where = folder();
    const id = freshWord();
    const session = await raw(
      catalogueOf({
        stay: { run: ["sh", "-c", `: > up; sleep 999 & exec sleep 998 # ${id}`], isolation: "group", cwd: where },
      }),
    );
    session.call(1, "stay", {});
    await poll(
      () => existsSync(join(where, "up")),
      () => "not up",
    );
    const pid = session.child.pid ?? 0;
    const spawner = spawnerOf(pid);
    process.kill(pid, "SIGKILL");
    await gone(id);
    await poll(
      () => !existsSync(`/proc/${spawner}`),
      () => "the spawner is left",
    );
    expect(alive(id)).toEqual([]);
  });

  it("a server that says what no server says kills what it ran, and ends", async () => {
    const id = freshWord();
    const file = join(import.meta.dirname, `../../dist/mcpfier-spawner-${process.platform}-${process.arch}`);
    const words = (...all: number[]): Buffer =>
      Buffer.concat(all.map((each) => Buffer.from(Int32Array.of(each).buffer)));
    const say = (body: Buffer): Buffer => Buffer.concat([words(body.length), body]);
    const strings = Buffer.from(`/\0/bin/sh\0-c\0sleep 999 # ${id}\0`);
    const nonsense = [
      say(words(9, 1)),
      say(words(1, 2)),
      say(words(3, 77)),
      say(words(2, 77, 1, 0)),
      say(Buffer.concat([words(2, 1, 3, 0), strings])),
      say(Buffer.from("ab")),
      words(2 ** 30),
      words(-1),
      say(Buffer.concat([words(2, 2, 4, 0), Buffer.from("/\0/bin/true\0")])),
      say(Buffer.concat([words(2, 2, 2 ** 31 - 1, 2 ** 31 - 1), Buffer.from("/\0/bin/true\0")])),
      say(Buffer.concat([words(2, 2, -1, 1), Buffer.from("/\0/bin/true\0")])),
      say(Buffer.concat([words(2, 2, 1, 0), Buffer.from("/\0/bin/true\0more\0")])),
      say(Buffer.concat([words(2, 2, 1, 0), Buffer.from("/\0/bin/true")])),
    ];
    for (const each of nonsense) {
      const child = spawn(file, { stdio: ["pipe", "pipe", "inherit"] });
      const exit = new Promise((resolve) => child.once("exit", (...end) => resolve(end)));
      child.stdin.write(
        Buffer.concat([say(words(1, 1, 0)), say(Buffer.concat([words(2, 1, 3, 0), strings])), say(words(1, 2, 0))]),
      );
      await poll(
        () => alive(id).length > 0,
        () => "not up",
      );
      child.stdin.write(each);
      expect(await exit, each.toString("hex")).toEqual([1, null]);
      await gone(id);
      child.stdin.destroy();
    }
  });
});
