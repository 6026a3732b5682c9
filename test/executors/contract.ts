// What every executor promises, by the cases of failures.md. An executor that cannot promise a row says so, and the row then
// holds it to what it said.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Ability } from "../../src/executors/ability.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { poll } from "../rig.ts";
import { KINDS, programs } from "./programs.ts";
import { alive, foldersOf, freshWord, gone } from "./survivors.ts";

export type Caller = Pick<Engine, "call" | "close">;

export interface Variant {
  readonly name: string;
  /** Why this machine cannot run it; empty: it can. */
  readonly missing: string;
  /** Whether the engine lives in this process: outcomes have all their parts, and callers can watch. */
  readonly isDirect: boolean;
  readonly promises: {
    /** Whether nothing outlives a call; else a daemon that left the group and cleared its environment does. */
    readonly killsAll: boolean;
    readonly limits: Ability["limits"];
    /** Whether it is told which limit was hit, where that is enforced for the call as a whole. */
    readonly tells: { readonly memory: boolean; readonly processes: boolean };
  };
  /** An engine over commands that run in a folder; closed after the test. */
  engine(commands: Readonly<Record<string, object>>, where: string): Promise<Caller>;
}

const GRACE_MS = 2000;
/** What a loaded machine may add. */
const SLACK_MS = 4000;

/** What a variant does not promise, or cannot be told through its door, is no row of its contract. */
function rowIf(isPromised: boolean): (title: string, row: () => Promise<void>) => void {
  return isPromised ? (title, row) => it(title, row) : () => undefined;
}

export function contract({ name, missing, isDirect, promises, engine: engineOf }: Variant): void {
  const { killsAll, limits, tells } = promises;

  describe.skipIf(missing !== "")(missing === "" ? name : `${name} IS NOT TRIED: ${missing}`, () => {
    let where = "";
    const calls = new Set<string>();

    async function engineWith(commands: Readonly<Record<string, object>>, at = programs()): Promise<Caller> {
      where = at;
      const { call, close } = await engineOf(commands, at);
      return {
        call: async (request) => {
          const outcome = await call(request);
          calls.add(outcome.callId);
          return outcome;
        },
        close,
      };
    }

    async function run(command: object, args: object = {}): Promise<Outcome> {
      return (await engineWith({ t: command })).call({ tool: "t", arguments: args });
    }

    afterEach(async () => {
      await poll(
        () => foldersOf(calls).length === 0,
        () => `folders left behind: ${foldersOf(calls).join(", ")}`,
      );
      calls.clear();
    });

    describe("how it ends", () => {
      it("every exit code is told as it is", async () => {
        const engine = await engineWith({
          t: {
            run: ["sh", "-c", 'echo out; echo err >&2; exit "$1"', "sh", "${{ code }}"],
            params: { code: { type: "integer" } },
          },
        });
        const codes = [0, 1, 2, 3, 42, 124, 125, 126, 127, 128, 130, 137, 143, 255];
        const outcomes = await Promise.all(codes.map((code) => engine.call({ tool: "t", arguments: { code } })));
        outcomes.forEach((outcome, at) => {
          expect(outcome).toMatchObject({ kind: at === 0 ? "completed" : "failed", exitCode: codes[at] });
          expect(streams(outcome)).toEqual({ stdout: "out\n", stderr: "err\n" });
        });
      });

      it("P20: a signal of its own is named, with the exit code of a shell, and no core is dumped", async () => {
        const engine = await engineWith({
          t: sh('kill -s "$arg_name" $$', {
            params: { name: { type: "string", enum: ["SEGV", "ABRT", "KILL", "TERM", "PIPE"] } },
          }),
          core: sh("ulimit -c; ulimit -Hc"),
        });
        const numbers = { SEGV: 11, ABRT: 6, KILL: 9, TERM: 15, PIPE: 13 };
        await Promise.all(
          Object.entries(numbers).map(async ([signal, number]) => {
            const outcome = await engine.call({ tool: "t", arguments: { name: signal } });
            expect(outcome).toMatchObject({ kind: "failed", exitCode: 128 + number, signal: `SIG${signal}` });
          }),
        );
        expect(streams(await engine.call({ tool: "core", arguments: {} })).stdout).toBe("0\n0\n");
      });

      it("P21: one that closes its output and runs on is waited for", async () => {
        const outcome = await run(sh("echo hi; exec >&- 2>&-; sleep 0.7; : > late; exit 4"));
        expect(outcome).toMatchObject({ kind: "failed", exitCode: 4, ...direct({ incomplete: false }) });
        expect(streams(outcome).stdout).toBe("hi\n");
        expect(existsSync(join(where, "late"))).toBe(true);
      });

      it("`kill 0` does what it does in a shell", async () => {
        expect(await run(sh("trap '' TERM; kill 0; echo alive; exit 3"))).toMatchObject({
          kind: "failed",
          exitCode: 3,
        });
      });
    });

    describe("what it is given", () => {
      it("P12: stdin is closed where the command sets none", async () => {
        const engine = await engineWith({ cat: { run: ["cat"] }, read: sh('read -r x; echo "$?"') });
        expect(await engine.call({ tool: "cat", arguments: {} })).toMatchObject({
          kind: "completed",
          stdout: { bytes: 0 },
        });
        expect(streams(await engine.call({ tool: "read", arguments: {} })).stdout).toBe("1\n");
      });

      it("P11: stdin that nobody reads does no harm, and what is read arrives whole", async () => {
        const params = { x: { type: "string" } };
        const commands = {
          unread: { run: ["true"], stdin: "${{ x }}", params },
          partly: { run: ["head", "-c", "5"], stdin: "${{ x }}", params },
          whole: { run: ["cat"], stdin: "${{ x }}", params, output: { max: "1MiB" } },
        };
        const engine = await engineWith(commands);
        // More than a pipe holds.
        const x = "0123456789".repeat(11_000);
        expect(await engine.call({ tool: "unread", arguments: { x } })).toMatchObject({
          kind: "completed",
          exitCode: 0,
        });
        expect(streams(await engine.call({ tool: "partly", arguments: { x } })).stdout).toBe("01234");
        expect(streams(await engine.call({ tool: "whole", arguments: { x } })).stdout).toBe(x);
      });

      it("its environment is the plan's and nothing more, its folder the command's", async () => {
        const engine = await engineWith({
          env: { run: ["cat", "/proc/self/environ"], env: { ODD: "two\nlines \\ \"'$x", EMPTY: "" } },
          cwd: { run: ["sh", "-c", "pwd -P"] },
        });
        const outcome = await engine.call({ tool: "env", arguments: {} });
        const planned = await engine.call({ tool: "env", arguments: {}, dryRun: true });
        const came = streams(outcome).stdout.split("\0").slice(0, -1).map(withoutCall);
        expect(came.map(nameOf).toSorted()).toEqual(plannedNames(planned));
        if (planned.kind === "planned" && isDirect)
          expect(came.toSorted()).toEqual(
            planned.plan.env.map(({ name: key, value }) => withoutCall(`${key}=${value}`)).toSorted(),
          );
        expect(came).toContain("ODD=two\nlines \\ \"'$x");
        expect(streams(await engine.call({ tool: "cwd", arguments: {} })).stdout).toBe(`${where}\n`);
      });

      it("the private file of an argument is readable to it alone, and gone after the call, also after a timeout", async () => {
        const script = 'cat "$1"; echo; stat -c %a "$1" "$(dirname "$1")"; echo "$1"';
        const more = { params: { x: { type: "string", as: "file" } } };
        const engine = await engineWith({
          t: { run: ["sh", "-c", script, "sh", "${{ x }}"], ...more, env: { PATH: "/usr/bin:/bin" } },
          late: { run: ["sh", "-c", 'echo "$1"; sleep 999', "sh", "${{ x }}"], ...more, timeout: "300ms" },
        });
        const [text, file, folder, path = ""] = streams(
          await engine.call({ tool: "t", arguments: { x: "inside" } }),
        ).stdout.split("\n");
        expect([text, file, folder]).toEqual(["inside", "600", "700"]);
        const late = await engine.call({ tool: "late", arguments: { x: "inside" } });
        expect(late.kind).toBe("timed_out");
        for (const each of [path, streams(late).stdout.trim()])
          expect([each, existsSync(each)]).toEqual([expect.stringMatching(/^\//), false]);
      });
    });

    describe("what it prints", () => {
      it("NUL bytes and both streams arrive, each in its order", async () => {
        const outcome = await run(sh(String.raw`for i in 1 2 3; do printf 'a\000%s' $i; printf 'e%s' $i >&2; done`));
        expect(streams(outcome)).toEqual({ stdout: "a\u00001a\u00002a\u00003", stderr: "e1e2e3" });
      });

      rowIf(isDirect)("20 MiB on both streams at once arrive whole", async () => {
        const at = programs();
        const sizes = { stdout: 20 * 1024 ** 2, stderr: 20 * 1024 ** 2 };
        const engine = await engineWith({ t: sh("cat big-stdout & cat big-stderr >&2; wait") }, at);
        const expected = Object.fromEntries(
          Object.entries(sizes).map(([stream, size]) => {
            const bytes = randomBytes(size);
            writeFileSync(join(at, `big-${stream}`), bytes);
            return [stream, createHash("sha256").update(bytes).digest("hex")];
          }),
        );
        const hashes = { stdout: createHash("sha256"), stderr: createHash("sha256") };
        const outcome = await engine.call({
          tool: "t",
          arguments: {},
          stdout: (chunk) => void hashes.stdout.update(chunk),
          stderr: (chunk) => void hashes.stderr.update(chunk),
        });
        expect(outcome).toMatchObject({
          kind: "completed",
          stdout: { bytes: sizes.stdout },
          stderr: { bytes: sizes.stderr },
        });
        expect({ stdout: hashes.stdout.digest("hex"), stderr: hashes.stderr.digest("hex") }).toEqual(expected);
      });
    });

    describe("how it is stopped", () => {
      it("P2, P22: each is asked once, a handler is heard, and what does not or cannot listen is killed after the grace", async () => {
        // These are up before they are asked, on a busy machine too, and are done when those that are killed are.
        const asked = { run: ["perl", "asked.pl"], timeout: "3s" };
        const engine = await engineWith({
          polite: sh("trap 'echo bye; exit 5' TERM; echo hi; while :; do sleep 0.05; done", { timeout: "3s" }),
          deaf: sh("trap '' TERM; echo hi; while :; do sleep 0.05; done", { timeout: "1s" }),
          stopped: sh("echo hi; kill -STOP $$", { timeout: "1s" }),
          all: sh("echo hi; kill -STOP 0", { timeout: "1s" }),
          idle: sh("echo hi; sleep 999", { timeout: "1m", idle_timeout: "1s" }),
          chatty: sh("for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done", { idle_timeout: "1500ms" }),
          asked,
          threads: { run: ["python3", "threads.py"], timeout: "3s" },
        });
        const call = (tool: string): Promise<Outcome> => engine.call({ tool, arguments: {} });
        const [polite, deaf, stopped, all, idle, chatty, counted, threads] = (await Promise.all(
          ["polite", "deaf", "stopped", "all", "idle", "chatty", "asked", "threads"].map(call),
        )) as [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome];
        expect(polite).toMatchObject({ kind: "timed_out", exitCode: 5, ...direct({ idle: false }) });
        expect(streams(polite).stdout).toBe("hi\nbye\n");
        for (const outcome of [deaf, stopped, all]) {
          expect(outcome).toMatchObject({ kind: "timed_out", exitCode: 137, signal: "SIGKILL" });
          expect(streams(outcome).stdout).toBe("hi\n");
          expect(outcome.durationMs).toBeGreaterThanOrEqual(1000 + GRACE_MS - 50);
          expect(outcome.durationMs).toBeLessThan(1000 + GRACE_MS + SLACK_MS);
        }
        expect(idle).toMatchObject({ kind: "timed_out", ...direct({ idle: true }) });
        expect(idle.durationMs).toBeLessThan(1000 + SLACK_MS);
        expect(chatty).toMatchObject({ kind: "completed" });
        expect(existsSync(join(where, "asked-child"))).toBe(true);
        expect(counted).toMatchObject({ kind: "timed_out" });
        expect(streams(counted).stdout.split("\n").toSorted().join(" ").trim()).toBe("child 1 parent 1");
        expect(existsSync(join(where, "up-thread"))).toBe(true);
        expect(streams(threads).stdout).toBe("asked\n");
      });

      it("P1, P3: when the program ends, its descendants do, those too that hold its output", async () => {
        const word = freshWord();
        const outcome = await run({ run: ["sh", "tree.sh", word, "3"], timeout: "1m" });
        expect(outcome).toMatchObject({
          kind: "failed",
          exitCode: 3,
          ...direct({ incomplete: !killsAll, loose: !killsAll }),
        });
        expect(streams(outcome).stdout).toBe("hi\n");
        expect(outcome.durationMs).toBeLessThan(10_000);
        await gone(word, killsAll ? [] : ["bare"]);
      });

      it("P3: a timeout, a cancel and a shutdown end all descendants, and the result says where one may be left", async () => {
        const words = { timeout: freshWord(), cancel: freshWord(), shutdown: freshWord() };
        const stay = (word: string, timeout: string): object => ({ run: ["sh", "tree.sh", word, "stay"], timeout });
        const engine = await engineWith({
          timeout: stay(words.timeout, "3s"),
          cancel: stay(words.cancel, "1m"),
          shutdown: stay(words.shutdown, "1m"),
        });
        const cancel = new AbortController();
        const outcomes = {
          timeout: engine.call({ tool: "timeout", arguments: {} }),
          cancel: engine.call({ tool: "cancel", arguments: {}, signal: cancel.signal }),
          shutdown: engine.call({ tool: "shutdown", arguments: {} }),
        };
        for (const word of Object.values(words))
          await poll(
            () => existsSync(join(where, `ready-${word}`)),
            () =>
              `the tree of ${word} did not come up: ${alive(word)
                .map(({ line }) => line)
                .join("; ")}`,
          );
        cancel.abort();
        expect(await outcomes.cancel).toMatchObject({ kind: "cancelled", ...direct({ loose: !killsAll }) });
        await gone(words.cancel);
        const timedOut = await outcomes.timeout;
        expect(timedOut).toMatchObject({ kind: "timed_out", ...direct({ loose: !killsAll }) });
        if (timedOut.kind === "timed_out" && isDirect)
          expect(timedOut.shown.text.includes("may still run")).toBe(!killsAll);
        await gone(words.timeout);
        await engine.close();
        expect(await outcomes.shutdown).toMatchObject({ kind: "cancelled" });
        await gone(words.shutdown);
        for (const kind of KINDS) expect(existsSync(join(where, `up-${words.shutdown}-${kind}`))).toBe(true);
      });

      rowIf(killsAll)("P4: a chain of processes that each live for a moment is ended at once", async () => {
        const words = [freshWord(), freshWord()];
        const engine = await engineWith({
          exits: sh(`perl hop.pl ${words[0]} & sleep 0.2; exit 7`),
          stays: sh(`perl hop.pl ${words[1]} & sleep 999`, { timeout: "500ms" }),
        });
        const outcomes = await Promise.all(["exits", "stays"].map((tool) => engine.call({ tool, arguments: {} })));
        expect(outcomes).toMatchObject([{ kind: "failed", exitCode: 7 }, { kind: "timed_out" }]);
        // One look can miss what lives for a moment only.
        for (let look = 0; look < 20; look++) for (const word of words) await gone(word);
      });
    });

    describe("what does not start is refused for its reason", () => {
      const REFUSED = {
        "no-such-program-at-all": "program.missing",
        "./nowhere": "program.missing",
        "./not-executable/x": "program.missing",
        "./not-executable": "program.not_executable",
        ".": "program.not_executable",
        "./bad-shebang": "program.missing",
        "./deaf-shebang": "program.not_executable",
        "./no-shebang": "program.not_executable",
        "./no-loader": "program.missing",
      } as const;

      it("P13: a program that is missing, no program, a folder, or without its interpreter, in both kinds of isolation", async () => {
        const entries = Object.entries(REFUSED).map(([program, code], at) => ({ program, code, tool: `t${at}` }));
        const kinds = ["auto", "group"] as const;
        const commands = Object.fromEntries(
          entries.flatMap(({ program, tool }) =>
            kinds.map((isolation) => [`${tool}_${isolation}`, { run: [program], isolation }]),
          ),
        );
        const at = programs();
        makeLoaderless(at);
        const engine = await engineWith(
          { ...commands, limited: { run: ["./no-loader"], limits: { open_files: 64 } } },
          at,
        );
        const tries = entries.flatMap((entry) => kinds.map((isolation) => [entry, isolation] as const));
        await Promise.all(
          tries.map(async ([{ program, code, tool }, isolation]) => {
            const outcome = await engine.call({ tool: `${tool}_${isolation}`, arguments: {} });
            expect([program, isolation, outcome]).toMatchObject([program, isolation, { kind: "refused", code }]);
          }),
        );
        expect(await engine.call({ tool: "limited", arguments: {} })).toMatchObject({
          kind: "refused",
          code: "program.missing",
        });
      });

      it("P13: a working directory that is missing or a file; and the next call works", async () => {
        const engine = await engineWith({
          missing: { run: ["true"], cwd: "gone" },
          file: { run: ["true"], cwd: "tree.sh" },
          after: { run: ["true"] },
        });
        for (const tool of ["missing", "file"])
          expect(await engine.call({ tool, arguments: {} })).toMatchObject({ kind: "refused", code: "cwd.missing" });
        expect(await engine.call({ tool: "after", arguments: {} })).toMatchObject({ kind: "completed" });
      });

      rowIf(isDirect)("P14: arguments that are longer than the system passes on, one or all together", async () => {
        const engine = await engineWith({
          t: { run: ["true", "--", "${{ x }}"], params: { x: { type: "array" } } },
          after: { run: ["true"] },
        });
        for (const x of [["x".repeat(200 * 1024)], Array.from({ length: 40 }, () => "x".repeat(120_000))])
          expect(await engine.call({ tool: "t", arguments: { x } })).toMatchObject({
            kind: "refused",
            code: "arguments.too_large",
          });
        expect(await engine.call({ tool: "after", arguments: {} })).toMatchObject({ kind: "completed" });
      });

      it("L11: with `strict`, a limit that is not enforced for the call as a whole is refused, and nothing runs", async () => {
        const wanted = { memory: "64MiB", cpu: 1, processes: 50 } as const;
        const weak = {
          memory: limits.memory !== "cgroup",
          cpu: limits.cpu === null,
          processes: limits.processes === null,
        };
        const engine = await engineWith(
          Object.fromEntries(
            Object.entries(wanted).map(([limit, value]) => [
              limit,
              sh(`: > ran-${limit}`, { limits: { [limit]: value, strict: true } }),
            ]),
          ),
        );
        for (const [limit, isWeak] of Object.entries(weak)) {
          expect([limit, await engine.call({ tool: limit, arguments: {} })]).toMatchObject([
            limit,
            isWeak ? { kind: "refused", code: "limits.unenforceable" } : { kind: "completed" },
          ]);
          expect(existsSync(join(where, `ran-${limit}`))).toBe(!isWeak);
        }
      });
    });

    describe("what it may use", () => {
      it("L1, L4, L5: processes are counted, memory in all or for each, and cores are shared out, while others are answered", async () => {
        const word = freshWord();
        const child = `my $n = 20e6; my $x = "x" x $n; open(my $up, ">", "child-$ARGV[0]"); sleep 1; exit 0`;
        const commands = {
          bomb: {
            run: ["perl", "-e", `my $end = time + 20; while (time < $end) { fork }`, word],
            timeout: "1500ms",
            limits: { processes: 20 },
          },
          five: {
            run: [
              "sh",
              "-c",
              `ok=0; for i in 1 2 3 4 5; do perl -e '${child}' $i & eval "p$i=$!"; done; for i in 1 2 3 4 5; do eval "wait \\$p$i" && ok=$((ok + 1)); done; echo $ok`,
            ],
            limits: { memory: "64MiB" },
          },
          spin: {
            run: [
              "perl",
              "-e",
              "sub now { open my $f, '<', '/proc/uptime'; (split ' ', <$f>)[0] } my $began = now();" +
                "$SIG{TERM} = sub { my @t = times; print(($t[0] + $t[1]) / (now() - $began)); exit 0 }; my $end = time + 20; 1 while time < $end",
            ],
            timeout: "1s",
            limits: { cpu: 0.2 },
          },
          other: { run: ["true"] },
        };
        const engine = await engineWith(commands);
        const call = (tool: string): Promise<Outcome> => engine.call({ tool, arguments: {} });
        const spinning = limits.cpu === null ? null : call("spin");
        const bomb = limits.processes === null ? null : call("bomb");
        let most = 0;
        if (bomb) {
          await poll(
            () => (most = alive(word).length) > 10,
            () => "the bomb did not go off",
          );
          most = Math.max(most, alive(word).length);
        }
        const five = call("five");
        expect(await call("other")).toMatchObject({ kind: "completed" });
        if (bomb) {
          // Its own, and what stands before it.
          expect(most).toBeLessThanOrEqual(24);
          expect(await bomb).toMatchObject({
            kind: "timed_out",
            limit: limits.processes === "cgroup" && tells.processes ? "processes" : null,
          });
          await gone(word);
        }
        if (limits.memory === "cgroup") {
          expect(await five).toMatchObject(
            tells.memory ? { kind: "limited", limit: "memory" } : { kind: "completed", limit: null },
          );
          expect(Number(streams(await five).stdout)).toBeLessThan(5);
        } else {
          expect(await five).toMatchObject({ kind: "completed", limit: null });
          expect(streams(await five).stdout).toBe("5\n");
        }
        if (spinning) {
          const spin = await spinning;
          expect(spin).toMatchObject({ kind: "timed_out" });
          expect(Number(streams(spin).stdout)).toBeGreaterThan(0);
          // Of one core, in the time that it had: a busy machine stops it late.
          expect(Number(streams(spin).stdout)).toBeLessThan(0.5);
        }
      });

      it("L2, L3: one that takes too much memory is ended, its server is not, and a child's end is told though its parent is content", async () => {
        const limited = { limits: { memory: "64MiB" } };
        const engine = await engineWith({
          bomb: { run: ["tail", "/dev/zero"], ...limited },
          parent: sh("tail /dev/zero; exit 0", limited),
          score: { run: ["cat", "/proc/self/oom_score_adj"] },
        });
        const isTotal = limits.memory === "cgroup";
        expect(await engine.call({ tool: "bomb", arguments: {} })).toMatchObject(
          isTotal && tells.memory
            ? { kind: "limited", limit: "memory", exitCode: 137 }
            : { kind: "failed", limit: null },
        );
        const parent = await engine.call({ tool: "parent", arguments: {} });
        expect(parent).toMatchObject(
          isTotal && tells.memory
            ? { kind: "limited", exitCode: 0, limit: "memory" }
            : { kind: "completed", exitCode: 0, limit: null },
        );
        if (parent.kind === "limited" && isDirect) expect(parent.shown.text).toContain("ended by the limit of memory");
        expect(Number(streams(await engine.call({ tool: "score", arguments: {} })).stdout)).toBeGreaterThanOrEqual(500);
      });

      it("L6, L7: a file that grows too large ends the program, too many open ones only fail", async () => {
        const open =
          'my @all; while (open my $f, "<", "/dev/null") { push @all, $f; last if @all > 5000 } print scalar @all; exit 3';
        const engine = await engineWith({
          fill: { run: ["dd", "if=/dev/zero", "of=big", "bs=65536", "count=1000"], limits: { file_size: "1MiB" } },
          shell: sh("head -c 5000000 /dev/zero > big2", { limits: { file_size: "1MiB" } }),
          open: { run: ["perl", "-e", open], limits: { open_files: 16 } },
        });
        for (const tool of ["fill", "shell"])
          expect([tool, await engine.call({ tool, arguments: {} })]).toMatchObject([
            tool,
            { kind: "limited", limit: "file_size", exitCode: 153 },
          ]);
        expect(readFileSync(join(where, "big")).length).toBe(1024 ** 2);
        const outcome = await engine.call({ tool: "open", arguments: {} });
        expect(outcome).toMatchObject({ kind: "failed", exitCode: 3, limit: null });
        expect(Number(streams(outcome).stdout)).toBeLessThan(16);
      });
    });

    /** What only an engine in this process tells. */
    function direct(expected: object): object {
      return isDirect ? expected : {};
    }
  });
}

function sh(script: string, more: object = {}): object {
  return { shell: "sh", run: script, ...more };
}

function streams(outcome: Outcome): { readonly stdout: string; readonly stderr: string } {
  if (!("stdout" in outcome && "stderr" in outcome)) throw new Error(`came ${JSON.stringify(outcome).slice(0, 500)}`);
  const text = ({ head, tail }: typeof outcome.stdout): string => Buffer.concat([head, tail]).toString();
  return { stdout: text(outcome.stdout), stderr: text(outcome.stderr) };
}

function nameOf(variable: string): string {
  return variable.slice(0, variable.indexOf("="));
}

/** Each call has a name of its own. */
function withoutCall(variable: string): string {
  return variable.replace(/^(MCPFIER_CALL=).*/, "$1");
}

function plannedNames(outcome: Outcome): readonly string[] {
  if (outcome.kind !== "planned") throw new Error(`came ${outcome.kind}`);
  const { env } = outcome.plan as { readonly env: unknown };
  return (Array.isArray(env) ? env.map(({ name }: { name: string }) => name) : Object.keys(env as object)).toSorted();
}

/** A program that names a loader which is not there, as one of another C library does. */
function makeLoaderless(where: string): void {
  const path = join(where, "no-loader");
  copyFileSync("/bin/true", path);
  const bytes = readFileSync(path);
  const at = bytes.indexOf("/lib");
  bytes.write("/non", at);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
}
