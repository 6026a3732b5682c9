// Containers that stand started and wait for a call, on a real engine.
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createContainerExecutor } from "../../../src/executors/container.ts";
import type { CallIO, Ending, Executor } from "../../../src/executors/executor.ts";
import { abilityOf } from "../../../src/executors/probe.ts";
import type { ContainerPlan } from "../../../src/executors/container/plan.ts";
import { ownerId } from "../../../src/base/owner.ts";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { type Image, containersOf, docker, engineHost, privateEngine } from "../../engines.ts";
import { atEnd, folder, host as ownHost, load, start } from "../../rig.ts";
import { catalogueOf } from "../variants.ts";

const SECOND = 1000;
let engine = "";

beforeAll(async () => {
  engine = await engineHost();
}, 120 * SECOND);

interface Came {
  readonly ending: Ending;
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface Warm {
  /** Resolves when all stand. */
  prepare(): Promise<void>;
  plan(tool: string): ContainerPlan;
  call(tool: string, change?: Partial<ContainerPlan>, io?: Partial<CallIO>): Promise<Came>;
  /** The ids of our containers that run. */
  running(): Promise<readonly string[]>;
  readonly executor: Executor<ContainerPlan>;
}

/** Has containers of some commands wait; they are gone after the test. */
async function warm(commands: Readonly<Record<string, object>>, where = folder()): Promise<Warm> {
  const host = { ...ownHost, env: { ...ownHost.env, DOCKER_HOST: engine } };
  const { executor, catalogue } = { executor: createContainerExecutor(host), catalogue: await loaded(commands, where) };
  atEnd(async () => {
    await executor.close?.();
    await until(async () => (await ours()).length === 0);
  });
  const ability = await abilityOf(host);

  function plan(tool: string): ContainerPlan {
    const command = catalogue.commands.find(({ name }) => name === tool);
    if (!command) throw new Error(`there is no ${tool}`);
    return executor.plan(command, new Map(), { callId: randomUUID(), host, path: "", secrets: [], ability });
  }

  async function call(tool: string, change: Partial<ContainerPlan> = {}, io: Partial<CallIO> = {}): Promise<Came> {
    const chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
    const ending = await executor.run(
      { ...plan(tool), ...change },
      {
        signal: new AbortController().signal,
        doing: () => undefined,
        learn: () => undefined,
        stdout: (chunk) => void chunks.stdout.push(Buffer.from(chunk)),
        stderr: (chunk) => void chunks.stderr.push(Buffer.from(chunk)),
        ...io,
      },
    );
    return { ending, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr).toString() };
  }

  const prepare = async (): Promise<void> => executor.prepare?.(catalogue.commands);
  await prepare();
  return { prepare, plan, call, running: ours, executor };
}

async function loaded(commands: Readonly<Record<string, object>>, where = folder()): Promise<Catalogue> {
  const { catalogue, problems } = await load(catalogueOf(commands), { folder: where });
  if (!catalogue) throw new Error(JSON.stringify(problems));
  return catalogue;
}

async function ours(): Promise<readonly string[]> {
  return (await containersOf(engine, `mcpfier.owner=${ownerId()}`)).map(({ Id }) => Id).toSorted();
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20 * SECOND;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`it did not come to that; there are ${String(await ours())}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Tells by the number of its parent, which is the init's in a cold container, where it ran. */
const WHERE = 'if [ "$PPID" = 1 ]; then echo cold; else echo warm; fi';

function sh(script: string, image: Image = "busybox", more: object = {}): object {
  return { shell: "sh", run: script, container: { image: `mcpfier/${image}:test`, warm: 1 }, ...more };
}

describe("who waits", { timeout: 60 * SECOND }, () => {
  it("as many as asked for stand, each is used once, and others take their place", async () => {
    const { call, running, prepare } = await warm({
      a: { ...sh(WHERE), container: { image: "mcpfier/busybox:test", warm: 2 } },
      b: sh(WHERE),
      cold: { ...sh(WHERE), container: { image: "mcpfier/busybox:test" } },
    });
    const before = await running();
    expect(before).toHaveLength(3);
    const came = await Promise.all(["a", "a", "b", "cold"].map((tool) => call(tool)));
    expect(came.map(({ stdout }) => stdout.toString().trim())).toEqual(["warm", "warm", "warm", "cold"]);
    await prepare();
    await until(async () => (await running()).length === 3);
    expect((await running()).filter((id) => before.includes(id))).toEqual([]);
    expect((await call("a")).stdout.toString()).toBe("warm\n");
  });

  it("a call that finds none waiting runs in one of its own", async () => {
    const { call } = await warm({ a: sh(WHERE) });
    const came = await Promise.all([call("a"), call("a")]);
    expect(came.map(({ stdout }) => stdout.toString().trim()).toSorted()).toEqual(["cold", "warm"]);
  });

  it("those of commands that changed or went are removed, and the others stay", async () => {
    const where = folder();
    const commands = { stays: sh(WHERE), changes: sh(WHERE), goes: sh(WHERE) };
    const { executor, running } = await warm(commands, where);
    const before = await running();
    const next = await loaded({ stays: sh(WHERE), changes: sh(WHERE, "busybox", { limits: { processes: 9 } }) }, where);
    await executor.prepare?.(next.commands);
    await until(async () => (await running()).length === 2);
    expect((await running()).filter((id) => before.includes(id))).toHaveLength(1);
    await executor.prepare?.([]);
    await until(async () => (await running()).length === 0);
  });

  it("one that was killed while it waited costs no call, and is replaced", async () => {
    const { call, running, prepare } = await warm({ a: sh(WHERE) });
    const [id = ""] = await running();
    await docker(engine, "kill", id);
    expect((await call("a")).stdout.toString()).toBe("cold\n");
    await until(async () => {
      await prepare();
      return (await running()).length === 1;
    });
    await until(async () => (await call("a")).stdout.toString() === "warm\n");
  });

  it("one that does not answer is left for a cold one", async () => {
    const { call, running } = await warm({ a: sh(WHERE) });
    await docker(engine, "pause", String(await running()));
    expect((await call("a")).stdout.toString()).toBe("cold\n");
  });

  it("an image without a shell is told of, and its commands run cold", async () => {
    const { call, running } = await warm({
      a: { run: ["/bin/true"], container: { image: "mcpfier/scratch:test", warm: 2 } },
    });
    await until(async () => (await running()).length === 0);
    await call("a").catch((error: unknown) => expect(error).toMatchObject({ code: "program.missing" }));
  });

  it("a folder that was replaced by another of its name is seen as it is", async () => {
    const where = folder({ "data/x": "old" });
    const { call } = await warm(
      {
        a: { run: ["cat", "/data/x"], container: { image: "mcpfier/busybox:test", warm: 1, mounts: ["./data:/data"] } },
      },
      where,
    );
    renameSync(join(where, "data"), join(where, "before"));
    mkdirSync(join(where, "data"));
    writeFileSync(join(where, "data/x"), "new");
    expect((await call("a")).stdout.toString()).toBe("new");
  });
});

describe.each(["busybox", "tools"] as const)("what the program gets in %s", (image) => {
  const hostile = [
    "",
    "\n",
    "\n\n",
    "a\n",
    "\r\n",
    "\\",
    "\\n",
    "'",
    '"',
    "$x",
    "`id`",
    "$(id)",
    "-n",
    "--",
    "*",
    " a ",
    "\t",
    "+",
    "a",
    "0",
  ];
  const text = fc.oneof(
    fc.constantFrom(...hostile),
    fc.string({ unit: "binary", maxLength: 40 }).map((each) => each.replaceAll("\0", "")),
    fc.array(fc.constantFrom(...hostile), { maxLength: 6 }).map((parts) => parts.join("")),
  );

  it("every argument, variable and byte of stdin arrives as it was", { timeout: 120 * SECOND }, async () => {
    const { call, prepare } = await warm({
      t: { ...sh("x"), container: { image: `mcpfier/${image}:test`, warm: 4 } },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), text, text, text, async (args, v, w, stdin) => {
        await prepare();
        const argv = ["sh", "-c", `${WHERE}; printf '<%s>' "$V" "$W" "$@"; cat`, "sh", ...args] as const;
        const env = Object.entries({ V: v, W: w, PATH: "/usr/bin:/bin" }).map(([name, value]) => ({
          name,
          value,
          from: "file" as const,
        }));
        const came = await call("t", { argv: [...argv], env, stdin });
        expect(came.stdout.toString()).toBe(`warm\n${[v, w, ...args].map((each) => `<${each}>`).join("")}${stdin}`);
        expect(came).toMatchObject({ stderr: "", ending: { exitCode: 0, incomplete: false, lost: null } });
      }),
      { numRuns: 25 },
    );
  });

  it("100 KB in one argument, and bytes that are no text, arrive", { timeout: 60 * SECOND }, async () => {
    const { call, prepare } = await warm({ t: sh("x", image) });
    const big = "é\\ '\"$x*".repeat(9000);
    const argv = ["sh", "-c", `${WHERE}; printf %s "$1"; printf '\\377\\200\\000\\001'; cat`, "sh", big] as const;
    const came = await call("t", { argv: [...argv], stdin: "rest\n" });
    const expected = Buffer.concat([Buffer.from(`warm\n${big}`), Buffer.from([255, 128, 0, 1]), Buffer.from("rest\n")]);
    expect(came.stdout.equals(expected)).toBe(true);
    await prepare();
    const longer = await call("t", {
      argv: ["sh", "-c", `${WHERE}; printf %s "$#"`, "sh", ...Array.from({ length: 2000 }, () => "x")],
    });
    expect(longer.stdout.toString()).toBe("cold\n2000");
  });
});

describe("how it ends", { timeout: 60 * SECOND }, () => {
  it("exit codes, signals and what could not be executed are told apart", async () => {
    const { call, prepare } = await warm({ t: sh("x", "tools"), u: sh("x", "busybox") });
    for (const tool of ["t", "u"]) {
      for (const [script, end] of Object.entries({
        "exit 0": { exitCode: 0, signal: null },
        "exit 126": { exitCode: 126, signal: null },
        "exit 127": { exitCode: 127, signal: null },
        "kill -SEGV $$": { exitCode: 139, signal: "SIGSEGV" },
        "kill -KILL $$": { exitCode: 137, signal: "SIGKILL" },
        "kill -TERM 0": { exitCode: 143, signal: "SIGTERM" },
        "kill -KILL 0": { exitCode: 137, signal: "SIGKILL" },
        "kill -KILL $PPID; sleep 9": { exitCode: 137 },
      })) {
        await prepare();
        const came = await call(tool, { argv: ["sh", "-c", script] });
        expect([tool, script, came]).toMatchObject([
          tool,
          script,
          { stderr: "", ending: { ...end, lost: null, limit: null } },
        ]);
      }
      for (const [program, code] of [
        ["nowhere", "program.missing"],
        ["/tmp", "program.not_executable"],
      ] as const) {
        await prepare();
        await expect(call(tool, { argv: [program] })).rejects.toMatchObject({ code });
      }
      await prepare();
      const env = [{ name: "PATH", value: "/nowhere", from: "file" }] as const;
      await expect(call(tool, { argv: ["cat"], env })).rejects.toMatchObject({ code: "program.missing" });
    }
  });

  it("a handler of SIGTERM is heard, and what ignores it is killed", async () => {
    const { call } = await warm({
      polite: sh("trap 'echo bye; exit 5' TERM; echo hi; while :; do sleep 0.05; done", "busybox", {
        timeout: "500ms",
      }),
      deaf: sh("trap '' TERM; echo hi; while :; do sleep 0.05; done", "busybox", { timeout: "500ms" }),
    });
    const [polite, deaf] = await Promise.all([call("polite"), call("deaf")]);
    expect(polite.ending).toMatchObject({ stopped: "timeout", exitCode: 5 });
    expect(polite.stdout.toString()).toBe("hi\nbye\n");
    expect(deaf.ending).toMatchObject({ stopped: "timeout", exitCode: 137, signal: "SIGKILL" });
  });

  it("a cancel before the program runs leaves nothing", async () => {
    const { call } = await warm({ t: sh("echo ran") });
    const came = await call("t", {}, { signal: AbortSignal.abort() });
    expect(came).toMatchObject({ ending: { stopped: "cancel", exitCode: null }, stderr: "" });
    expect(came.stdout.toString()).toBe("");
  });

  it("what it leaves running ends with it, also what holds or floods its output", async () => {
    const { call, running } = await warm({ t: sh("sleep 999 & yes & setsid yes >&2 & echo hi; exit 3") });
    const before = await running();
    const came = await call("t");
    expect(came.ending).toMatchObject({ exitCode: 3, incomplete: false, lost: null });
    expect(came.stdout.toString()).toMatch(/^(?:y\n)*hi\n(?:y\n)*/);
    await until(async () => !(await running()).some((id) => before.includes(id)));
  });

  it("20 MiB on both streams arrive whole, in order, also past a slow reader", async () => {
    const { call } = await warm({ t: sh("(seq 1 3000000 >&2) & seq 1 3000000; wait") });
    const hashes = { stdout: createHash("sha256"), stderr: createHash("sha256") };
    let chunks = 0;
    const came = await call(
      "t",
      {},
      {
        stdout: (chunk) => {
          hashes.stdout.update(chunk);
          chunks += 1;
          return chunks % 50 === 0 ? new Promise((resolve) => setTimeout(resolve, 5)) : undefined;
        },
        stderr: (chunk) => void hashes.stderr.update(chunk),
      },
    );
    const expected = createHash("sha256");
    for (let n = 1; n <= 3_000_000; n++) expected.update(`${n}\n`);
    const digest = expected.digest("hex");
    expect(came.ending).toMatchObject({ exitCode: 0, incomplete: false });
    expect([hashes.stdout.digest("hex"), hashes.stderr.digest("hex")]).toEqual([digest, digest]);
  });

  it("memory that ran out is told, also where a child took it", async () => {
    const limited = { limits: { memory: "32MiB" } };
    const { call, prepare } = await warm({ t: sh("x", "busybox", limited) });
    const own = await call("t", { argv: ["tail", "/dev/zero"] });
    expect(own.ending).toMatchObject({ exitCode: 137, limit: "memory" });
    await prepare();
    const child = await call("t", { argv: ["sh", "-c", `${WHERE}; tail /dev/zero; exit 0`] });
    expect(child.ending).toMatchObject({ exitCode: 0, limit: "memory" });
    expect(child.stdout.toString()).toBe("warm\n");
  });

  it("processes that could not be started are told, also where the program is content", async () => {
    const { call } = await warm({ t: sh("x", "busybox", { limits: { processes: 8 } }) });
    const many = `${WHERE}; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1 & done; wait; exit 0`;
    const { ending } = await call("t", { argv: ["sh", "-c", many] });
    expect(ending).toMatchObject({ limit: "processes" });
  });
});

describe("a server", { timeout: 60 * SECOND }, () => {
  it("that is killed leaves containers that end by themselves, and the next start removes them; one that ends leaves none", async () => {
    const name = `t${randomUUID().slice(0, 8)}`;
    const command = { ...sh("x"), container: { image: "mcpfier/busybox:test", warm: 2 } };
    const file = join(folder({ "mcpfier.yaml": catalogueOf({ [name]: command }) }), "mcpfier.yaml");
    const those = (): ReturnType<typeof containersOf> => containersOf(engine, `mcpfier.command=${name}`);
    atEnd(() => until(async () => (await those()).length === 0));
    const serve = (): ReturnType<typeof start> => start(["serve", "-c", file], { env: { DOCKER_HOST: engine } });
    const first = serve();
    await until(async () => (await those()).filter(({ State }) => State === "running").length === 2);
    const left = new Set((await those()).map(({ Id }) => Id));
    first.kill("SIGKILL");
    await until(async () => (await those()).every(({ State }) => State === "exited"));
    serve();
    await until(async () => {
      const now = await those();
      return now.length === 2 && now.every(({ Id, State }) => !left.has(Id) && State === "running");
    });
  });
});

describe("engines", { timeout: 120 * SECOND }, () => {
  it("those that wait are spread; an engine that was killed is noticed, the other goes on, and it is used again", async () => {
    const other = await privateEngine();
    try {
      const engines = { image: "mcpfier/busybox:test", engine: [engine, other.host], warm: 2 };
      const { call, prepare } = await warm({ t: { ...sh(WHERE), container: engines } });
      const on = async (host: string): Promise<number> =>
        (await containersOf(host, `mcpfier.owner=${ownerId()}`)).length;
      expect([await on(engine), await on(other.host)]).toEqual([1, 1]);
      await other.kill9();
      // One waits on the engine that lives; the other call starts there.
      const came = await Promise.all([call("t"), call("t")]);
      expect(came.map(({ stdout }) => stdout.toString()).toSorted()).toEqual(["cold\n", "warm\n"]);
      await other.restart();
      await until(async () => {
        await prepare();
        return (await call("t")).stdout.toString() === "warm\n";
      });
    } finally {
      await other.down();
    }
  });
});
