// The ends of a server while a tree of every kind of descendant runs in it, for each kind of containment: failures.md P5, P6,
// P8 to P10, L9, L10.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { ownerId, startTime } from "../../src/base/owner.ts";
import { MARKER } from "../../src/executors/sweep.ts";
import { type Raw, raw } from "../mcp/raw.ts";
import { atEnd, folder, mcpfier, poll } from "../rig.ts";
import { FILES, KINDS } from "./programs.ts";
import { alive, childrenOf, controlGroups, freshWord, gone, spawnerOf } from "./survivors.ts";
import { HIDDEN, placeOf, ownVariants, pathWithout, removeRooms } from "./variants.ts";

const SLACK_MS = 4000;
/** The shutdown's grace, and that of a timeout. */
const SHUTDOWN_MS = 1000;

const variants = await ownVariants();
afterAll(removeRooms);

/** A server that finds no control groups: something else is mounted over them. */
const COVER = `${placeOf("mount")} -t tmpfs none /sys/fs/cgroup && exec "$@"`;
const UNGROUPED = [placeOf("unshare"), "--mount", "--propagation", "private", "--", "/bin/sh", "-c", COVER, "sh"];
const CONTAINMENTS = [
  { name: "bwrap", under: [] },
  { name: "unshare", under: [] },
  { name: "cgroup v2", under: [] },
  { name: "group", under: UNGROUPED },
] as const;

function faultOf(name: string, under: readonly string[]): string {
  const missing = variants.find((variant) => variant.name === `local-${name}`)?.missing ?? "";
  if (missing !== "" || under.length === 0) return missing;
  return spawnSync(under[0] ?? "", [...under.slice(1), "true"]).status === 0 ? "" : "only root can hide control groups";
}

const isRoot = process.getuid?.() === 0;

describe.each(CONTAINMENTS)("with $name", ({ name, under }) => {
  const missing = faultOf(name, under);
  const isNamed = name === "bwrap" || name === "unshare";

  /** A server under which a tree of every kind of descendant runs, and a program that is deaf. */
  async function serve(word: string, path: string): Promise<Raw> {
    const session = await raw(catalogue(word), FILES, { env: { PATH: path }, under });
    session.call(1, "tree", { x: "inside" });
    session.call(2, "deaf", {});
    for (const file of [`ready-${word}`, "deaf"])
      await poll(
        () => existsSync(join(session.folder, file)),
        () => `${file} did not come: ${session.stderr()} ${JSON.stringify(session.messages())}`,
      );
    return session;
  }

  it.skipIf(missing !== "")(
    `P6, P8, P10: the client goes, signals come, the server is killed: nothing of its calls is left${missing === "" ? "" : ` (NOT TRIED: ${missing})`}`,
    async () => {
      const path = pathWithout(HIDDEN[name].programs);
      const [gently, term, int, twice, killed, live] = (await Promise.all(
        Array.from({ length: 6 }, async () => {
          const word = freshWord();
          return { word, session: await serve(word, path) };
        }),
      )) as [Served, Served, Served, Served, Served, Served];
      const stranger = bystander(`${process.pid}-1-1/x`);
      const sibling = bystander(`${ownerId()}/x`);

      const started = performance.now();
      const ends = [
        gently.session.end(),
        signalled(term.session, "SIGTERM"),
        signalled(int.session, "SIGINT"),
        again(twice.session),
        signalled(killed.session, "SIGKILL"),
      ];
      expect(await Promise.all(ends)).toEqual([0, 0, 0, 1, null]);
      expect(performance.now() - started).toBeLessThan(SHUTDOWN_MS + SLACK_MS);
      for (const { word } of [gently, term, int, twice]) await gone(word);
      if (isNamed) await gone(killed.word);

      // The next start removes what the killed one left, its folders too, and nothing else.
      const next = await raw(catalogue(freshWord()), FILES, { env: { PATH: path }, under });
      await gone(killed.word, name === "group" ? ["bare"] : []);
      await poll(
        () => foldersOf(killed.session.child.pid).length === 0,
        () => `left: ${foldersOf(killed.session.child.pid).join(", ")}`,
      );
      expect(await next.end()).toBe(0);
      const kinds = alive(live.word).map(({ line }) => line.trim().replace(/^.*-/s, ""));
      expect(kinds).toEqual(expect.arrayContaining([...KINDS]));
      for (const word of [stranger, sibling]) expect(alive(word)).toHaveLength(1);
      expect(await live.session.end()).toBe(0);
      await gone(live.word);
    },
  );
});

interface Served {
  readonly word: string;
  readonly session: Raw;
}

function catalogue(word: string): string {
  const tree = {
    run: ["sh", "tree.sh", word, "stay", "${{ x }}"],
    params: { x: { type: "string", as: "file" } },
  };
  const deaf = { shell: "sh", run: "trap '' TERM; : > deaf; while :; do sleep 0.05; done" };
  return yaml({ tree, deaf, other: { run: ["true"] } });
}

function yaml(commands: Readonly<Record<string, object>>): string {
  return JSON.stringify({
    commands: Object.entries(commands).map(([name, words]) =>
      Object.assign({ name, description: "d", timeout: "10m" }, words),
    ),
  });
}

function signalled({ child, exited }: Raw, name: NodeJS.Signals): Promise<number | null> {
  child.kill(name);
  return exited();
}

/** A second signal, once the first one was heard. */
async function again(session: Raw): Promise<number | null> {
  session.child.kill("SIGTERM");
  session.call(3, "other", {});
  await session.answer(3);
  return signalled(session, "SIGTERM");
}

/** A process that looks like one of another server's. */
function bystander(marker: string): string {
  const word = freshWord();
  const child = spawn("perl", ["stay.pl", word], {
    cwd: folder(FILES),
    env: { ...process.env, [MARKER]: marker },
    stdio: "ignore",
  });
  atEnd(() => child.kill("SIGKILL"));
  return word;
}

/** Private folders and control groups of a process's calls. */
function foldersOf(pid: number | undefined): readonly string[] {
  return [...readdirSync(tmpdir()), ...controlGroups()].filter((path) =>
    path.split("/").at(-1)?.startsWith(`mcpfier-${pid}-`),
  );
}

describe.skipIf(!isRoot)("P5: as process 1", () => {
  const FIRST = [placeOf("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

  it.each([
    ["bwrap", 300, []],
    ["unshare", 60, ["bwrap"]],
  ] as const)(
    "with %s, nothing of %i calls stays to be collected, killed ones neither",
    async (_name, count, hidden) => {
      const session = await raw(
        yaml({
          orphan: { shell: "sh", run: "setsid sleep 999 & exit 0" },
          deaf: { shell: "sh", run: "trap '' TERM; sleep 999 & wait; wait", timeout: "300ms" },
        }),
        {},
        { under: [...FIRST, placeOf("env"), `PATH=${pathWithout(hidden)}`] },
      );
      for (let id = 1; id <= count; id++) session.call(id, "orphan", {});
      for (let id = count + 1; id <= count + 10; id++) session.call(id, "deaf", {});
      const outcomes = await Promise.all(Array.from({ length: count + 10 }, (_, at) => patient(session, at + 1)));
      expect(outcomes.slice(0, count).every((outcome) => outcome === "completed")).toBe(true);
      expect(outcomes.slice(count).every((outcome) => outcome === "timed_out")).toBe(true);
      const [server = 0] = childrenOf(session.child.pid ?? 0);
      expect(readFileSync(`/proc/${server}/status`, "utf8")).toMatch(/^NSpid:\t\d+\t1$/m);
      const spawner = spawnerOf(server);
      const left = (): readonly number[] =>
        [...childrenOf(server), ...childrenOf(spawner)].filter((pid) => pid !== spawner);
      await poll(
        () => left().length === 0,
        () =>
          `children left: ${left()
            .map((pid) => readFileSync(`/proc/${pid}/stat`, "latin1"))
            .join("; ")}`,
      );
      await session.end();
    },
  );

  it.each([
    ["no namespace can be had", { run: ["true"] }, ["bwrap", "setpriv", "unshare"]],
    ["a command wants none", { run: ["true"], isolation: "group" }, []],
  ] as const)("it does not start where %s, and says what to do", async (_, command, hidden) => {
    const config = join(folder(), "mcpfier.yaml");
    writeFileSync(config, yaml({ t: command }));
    const under = [...FIRST, placeOf("env"), `PATH=${pathWithout(hidden)}`];
    const { code, stderr } = await mcpfier(["serve", "-c", config], { under });
    expect(code).toBe(78);
    expect(stderr).toContain("docker run --init");
  });

  /** The outcome, however long the machine takes. */
  async function patient(session: Raw, id: number): Promise<unknown> {
    while (!session.messages().some((message) => message.id === id)) await sleep(50);
    return (await session.answer(id)).result?._meta?.["mcpfier/call"]?.["outcome"];
  }
});

it("L10: a server that stood still past a deadline enforces it when it goes on", async () => {
  const word = freshWord();
  const session = await raw(yaml({ t: { run: ["perl", "stay.pl", word], timeout: "1s" } }), FILES);
  session.call(1, "t", {});
  await poll(
    () => existsSync(join(session.folder, `up-${word}`)),
    () => session.stderr(),
  );
  session.child.kill("SIGSTOP");
  await sleep(1500);
  expect(session.messages().some(({ id }) => id === 1)).toBe(false);
  const resumed = performance.now();
  session.child.kill("SIGCONT");
  expect((await session.answer(1)).result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "timed_out" });
  expect(performance.now() - resumed).toBeLessThan(1000 + SLACK_MS);
  await gone(word);
});

const library = spawnSync("faketime", ["-m", "-f", "+0", "sh", "-c", 'echo "$LD_PRELOAD"'], { encoding: "utf8" });

it.skipIf(library.status !== 0)(
  "L9: a wall clock that jumps by three days moves no deadline and no duration",
  async () => {
    const clock = join(folder(), "clock");
    writeFileSync(clock, "+0");
    const env = {
      LD_PRELOAD: library.stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    const session = await raw(
      yaml({
        ends: { shell: "sh", run: ": > up; sleep 1; exit 7", timeout: "30s" },
        stays: { shell: "sh", run: ": > up2; sleep 999", timeout: "1s" },
        clock: { run: ["true"] },
      }),
      {},
      { env },
    );
    const isUp = (file: string): Promise<void> =>
      poll(
        () => existsSync(join(session.folder, file)),
        () => session.stderr(),
      );
    session.call(1, "ends", {});
    await isUp("up");
    writeFileSync(clock, "+3d");
    const ended = (await session.answer(1)).result?._meta?.["mcpfier/call"];
    expect(ended).toMatchObject({ outcome: "failed", exitCode: 7 });
    expect(ended?.["durationMs"]).toBeLessThan(30_000);
    session.call(2, "stays", {});
    await isUp("up2");
    writeFileSync(clock, "-3d");
    const stayed = (await session.answer(2)).result?._meta?.["mcpfier/call"];
    expect(stayed).toMatchObject({ outcome: "timed_out" });
    expect(stayed?.["durationMs"]).toBeGreaterThanOrEqual(990);
    expect(stayed?.["durationMs"]).toBeLessThan(30_000);
  },
);

it("an owner is dead when its process is, not when another has its number, and nothing is said of other namespaces", async () => {
  const { isDead } = await import("../../src/base/owner.ts");
  const [pid, start, namespace] = ownerId().split("-");
  expect(start).toBe(startTime(process.pid));
  expect(isDead(ownerId())).toBe(false);
  expect(isDead(`${pid}-${Number(start) + 1}-${namespace}`)).toBe(true);
  expect(isDead(`${pid}-${Number(start) + 1}-${Number(namespace) + 1}`)).toBe(false);
  for (const odd of ["", "x", `${pid}`, `${pid}-${start}`, `-1-${start}-${namespace}`]) expect(isDead(odd)).toBe(false);
});
