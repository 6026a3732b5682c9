// Everything that the executors ask of the system fails once, at every place where it can: failures.md section 5, P15 to P17.
import { EventEmitter } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { abilityOf } from "../../src/executors/probe.ts";
import { system } from "../../src/executors/system.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { type Raw, raw } from "../mcp/raw.ts";
import { engineOf, poll } from "../rig.ts";
import { programs } from "./programs.ts";
import { foldersOf, freshWord, gone, killAll } from "./survivors.ts";
import { HIDDEN, placeOf, catalogueOf, hostFor, installForAll, removeRooms } from "./variants.ts";

afterAll(removeRooms);

const CODES = ["EMFILE", "EAGAIN", "ENOMEM", "ENOSPC", "EIO", "short write"] as const;
type Code = (typeof CODES)[number];

const whole = { ...system };
afterEach(() => void Object.assign(system, whole));

/** Lets the nth call of the system fail; tells how many there were. */
function failAt(nth: number, code: Code): () => number {
  let count = 0;
  const error = Object.assign(new Error(`${code}: as the test wants it`), {
    code: code === "short write" ? "ENOSPC" : code,
  });
  const isNow = (): boolean => ++count === nth;
  const half = (content: unknown): string => String(content).slice(0, String(content).length / 2);
  const thrown = (): never => {
    throw error;
  };
  const faults: Readonly<Partial<Record<keyof typeof system, (...args: never[]) => unknown>>> = {
    // Node reports some codes by an event, and then has no pipes.
    spawn: () => {
      if (code === "ENOMEM" || code === "EIO" || code === "short write") return thrown();
      const child = new EventEmitter();
      process.nextTick(() => child.emit("error", error));
      return child;
    },
    writeFile: async (path: string, content: unknown) => {
      if (code === "short write") await writeFile(path, half(content));
      throw error;
    },
    writeFileSync: (path: string, content: unknown) => {
      // A file of the kernel takes an order whole, or not at all.
      if (code === "short write" && !path.startsWith("/sys/") && !path.startsWith("/proc/"))
        writeFileSync(path, half(content));
      throw error;
    },
    mkdir: () => Promise.reject(error),
    rm: () => Promise.reject(error),
  };
  for (const [name, real] of Object.entries(whole)) {
    const fault = faults[name as keyof typeof system] ?? thrown;
    const replaced = (...args: never[]): unknown => (isNow() ? fault(...args) : (real as typeof fault)(...args));
    Object.assign(system, { [name]: replaced });
  }
  return () => count;
}

const KINDS = ["bwrap", "unshare", "cgroup v2", "cgroup v1", "group"] as const;

for (const kind of KINDS) {
  const host = hostFor(HIDDEN[kind]);
  const { containment, cgroups } = await abilityOf(host);
  const found = containment === "cgroup" ? `cgroup v${cgroups.whole?.version}` : containment;

  describe.skipIf(found !== kind)(
    found === kind ? `with ${kind}` : `with ${kind} (NOT TRIED: this machine gave ${found})`,
    () => {
      const callIds = new Set<string>();
      // Elsewhere each place fails in two ways, and the ways take turns.
      const turns = kind === "bwrap" || kind === "cgroup v2" ? CODES.map((_, place) => place) : [0, 3];

      /** One call while the nth request of the system fails, and one after it. */
      async function attempt(nth: number, code: Code, way: "exit" | "cancel"): Promise<number> {
        const where = programs();
        const word = freshWord();
        const limits = { processes: 50, open_files: 200 };
        const params = { x: { type: "string", as: "file" } };
        const script = (end: string): string =>
          `: > "began-$2"; setsid perl stay.pl "$2" & until [ -e "up-$2" ]; do sleep 0.01; done; : > "ready-$2"; ${end}`;
        const engine = await engineOf(
          catalogueOf({
            exit: { run: ["sh", "-c", script("exit 3"), "sh", "${{ x }}", word], params, limits },
            cancel: { run: ["sh", "-c", script("sleep 999"), "sh", "${{ x }}", word], params, limits },
            after: { run: ["sh", "-c", "exit 4"], limits },
          }),
          { folder: where, host },
        );
        const abort = new AbortController();
        const calls = failAt(nth, code);
        const call = engine.call({ tool: way, arguments: { x: "inside" }, signal: abort.signal });
        let isOver = false;
        void call.then(() => (isOver = true));
        if (way === "cancel") {
          await poll(
            () => isOver || existsSync(join(where, `ready-${word}`)),
            () => "neither over nor ready",
          );
          abort.abort();
        }
        const outcome = await call;
        callIds.add(outcome.callId);
        const count = calls();
        Object.assign(system, whole);
        const said = `call ${nth} failed with ${code}: ${JSON.stringify(outcome).slice(0, 400)}`;
        if (outcome.kind === "refused") {
          expect(["resource.exhausted", "spawn.failed"], said).toContain(outcome.code);
          // What is refused has not run.
          expect(existsSync(join(where, `began-${word}`)), said).toBe(false);
        } else
          expect(outcome, said).toMatchObject(way === "exit" ? { kind: "failed", exitCode: 3 } : { kind: "cancelled" });
        await gone(word);
        await poll(
          () => foldersOf(callIds).length === 0,
          () => `${said}\nleft: ${foldersOf(callIds).join(", ")}`,
        );
        callIds.clear();
        const after = await engine.call({ tool: "after", arguments: {} });
        expect(after, said).toMatchObject({ kind: "failed", exitCode: 4 });
        await engine.close();
        killAll(word);
        return count;
      }

      it.each(["exit", "cancel"] as const)(
        "a call that ends by %s is refused or whole, whichever request of the system fails, and how",
        async (way) => {
          const total = await attempt(0, "EIO", way);
          expect(total).toBeGreaterThan(5);
          // Where every process of the machine is looked at, one is as good as another.
          for (let nth = 1; nth <= total; nth += nth < 30 ? 1 : 47)
            for (const turn of turns) await attempt(nth, CODES[(nth + turn) % CODES.length] ?? "EIO", way);
        },
        240_000,
      );

      it("a machine that cannot be tried now is tried again, and not taken for a weaker one", async () => {
        const where = programs();
        for (let nth = 1, total = 1; nth <= total; nth += nth < 40 ? 1 : 23) {
          const fresh = { ...host };
          const calls = failAt(nth, CODES[nth % 3] ?? "EMFILE");
          const engine = await engineOf(catalogueOf({ t: { run: ["true"] } }), { folder: where, host: fresh });
          const ask = (): Promise<Outcome> => engine.call({ tool: "t", arguments: {}, dryRun: true });
          const first = await ask();
          total = Math.max(total, calls());
          Object.assign(system, whole);
          if (first.kind === "refused") expect(first.code).toBe("resource.exhausted");
          expect([nth, await ask()]).toMatchObject([nth, { kind: "planned", plan: { isolation: containment } }]);
          expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ kind: "completed" });
        }
      });
    },
  );
}

describe("a server that really has nothing left", () => {
  /** Many calls at once, and some after them: each is done or refused for its reason, and the server lives. */
  async function press(session: Raw, count: number): Promise<readonly unknown[]> {
    session.call(1, "t", {});
    await session.answer(1);
    for (let id = 2; id < 2 + count; id++) session.call(id, "t", {});
    const told: unknown[] = [];
    for (let id = 2; id < 2 + count; id++) {
      const facts = (await session.answer(id)).result?._meta?.["mcpfier/call"];
      expect([{ outcome: "completed" }, { outcome: "refused", code: "resource.exhausted" }]).toContainEqual({
        outcome: facts?.["outcome"],
        ...(facts?.["code"] === undefined ? {} : { code: facts["code"] }),
      });
      told.push(facts?.["outcome"]);
    }
    session.call(1000, "t", {});
    expect((await session.answer(1000)).result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "completed" });
    expect(await session.end()).toBe(0);
    return told;
  }

  const catalogue = JSON.stringify({
    concurrency: 100,
    commands: [{ name: "t", description: "d", run: ["sleep", "0.3"] }],
  });

  it("P15: file handles", async () => {
    const session = await raw(catalogue, {}, { under: [placeOf("prlimit"), "--nofile=60"] });
    const told = await press(session, 60);
    expect(told).toContain("refused");
    expect(told).toContain("completed");
  });

  it.skipIf(process.getuid?.() !== 0)("P16, P17: processes, of a user who is not root", async () => {
    // Nobody else's, so that nobody else's processes count.
    const id = 60_000 + (process.pid % 5000);
    const user = `setpriv --reuid=${id} --regid=${id} --clear-groups`;
    const [node, bin, home] = installForAll();
    const start = `chmod 777 . && shift 2 && exec ${user} prlimit --nproc=40 '${node}' '${bin}' "$@"`;
    const env = { HOME: home, XDG_CACHE_HOME: undefined, XDG_STATE_HOME: undefined, NODE_COMPILE_CACHE: undefined };
    const session = await raw(catalogue, {}, { under: ["/bin/sh", "-c", start, "sh"], env });
    const told = await press(session, 60);
    expect(told).toContain("refused");
    expect(told).toContain("completed");
  });
});
