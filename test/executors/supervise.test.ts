// One outcome, whatever comes at the same instant: failures.md P18, P23, P24.
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Supervision, ownEnd, runningChild, superviseProcess } from "../../src/executors/supervise.ts";
import { engineOf, folder } from "../rig.ts";

const GRACE_MS = 2000;
const UNKILLABLE_MS = 5000;
const DRAIN_MS = 500;

/** What a process does, in milliseconds from its start; null: never. */
interface Story {
  /** It ends by itself with this code. */
  readonly exit: { readonly at: number; readonly code: number } | null;
  readonly timeout: number;
  readonly cancel: number | null;
  readonly idle: number | null;
  /** How long it lives on after SIGTERM, after SIGKILL. */
  readonly afterAsk: number | null;
  readonly afterKill: number | null;
  /** How long its output stays open after its end. */
  readonly held: number | null;
  /** Whether there is already anybody to ask. */
  readonly begun: boolean;
}

interface Seen {
  readonly settled: Supervision[];
  readonly done: string[];
  /** When the process ended. */
  ended: number | null;
  remains: boolean;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Plays a story to its end, and tells what was seen. */
async function play(story: Story): Promise<Seen> {
  const seen: Seen = { settled: [], done: [], ended: null, remains: false };
  const child = Object.assign(new EventEmitter(), { stdout: new PassThrough(), stderr: new PassThrough(), pid: 1 });
  const abort = new AbortController();
  const began = performance.now();
  const later = (ms: number | null, what: () => void): void => {
    if (ms !== null) setTimeout(what, ms);
  };
  const end = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (seen.ended !== null) return;
    seen.ended = performance.now() - began;
    seen.done.push("exit");
    child.emit("exit", code, signal);
    later(story.held, () => {
      child.stdout.end();
      child.stderr.end();
    });
  };
  // The order in which timers of the same instant were made decides which is heard first; a story has both orders.
  later(story.cancel, () => abort.abort());
  if (story.exit) later(story.exit.at, () => end(story.exit?.code ?? 0, null));
  const supervision = superviseProcess({
    program: runningChild({
      stdout: child.stdout,
      stderr: child.stderr,
      onExit: (told) => void child.once("exit", told),
    }),
    tree: {
      ask: () => {
        seen.done.push("ask");
        if (story.begun) later(story.afterAsk, () => end(null, "SIGTERM"));
        return story.begun;
      },
      kill: () => {
        seen.done.push("kill");
        later(story.afterKill, () => end(null, "SIGKILL"));
      },
      reap: () => void seen.done.push("reap"),
      sweep: () => void seen.done.push("sweep"),
    },
    timeoutMs: story.timeout,
    idleTimeoutMs: story.idle,
    signal: abort.signal,
    stdout: () => undefined,
    stderr: () => undefined,
    endOf: ownEnd,
  });
  void watch(supervision, seen);
  await vi.advanceTimersByTimeAsync(10 + GRACE_MS + UNKILLABLE_MS + 20_000);
  child.stdout.destroy();
  child.stderr.destroy();
  return seen;
}

async function watch(supervision: Promise<Supervision>, seen: Seen): Promise<void> {
  const ending = await supervision;
  seen.settled.push(ending);
  await ending.remains;
  seen.remains = ending.remains !== null;
}

const instant = fc.integer({ min: 1, max: 4 });
const stories: fc.Arbitrary<Story> = fc.record({
  exit: fc.option(fc.record({ at: instant, code: fc.constantFrom(0, 1, 3) })),
  timeout: instant,
  cancel: fc.option(instant),
  idle: fc.option(instant),
  afterAsk: fc.option(fc.constantFrom(0, 1, GRACE_MS - 1, GRACE_MS, GRACE_MS + 1)),
  afterKill: fc.option(fc.constantFrom(0, 1, UNKILLABLE_MS - 1, UNKILLABLE_MS, UNKILLABLE_MS + 1, 15_000)),
  held: fc.option(fc.constantFrom(0, 1, 24, 26, DRAIN_MS - 1, DRAIN_MS + 1)),
  begun: fc.boolean(),
});

describe("a supervised process", () => {
  it("P18, P24: exit, timeout, silence and cancel at the same instant give one outcome, and it is what came first", async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const { settled, done, ended, remains } = await play(story);
        expect(settled).toHaveLength(1);
        const [outcome] = settled as [Supervision];

        // What came first decides; of the same instant, any.
        const times = { null: story.exit?.at, timeout: story.timeout, idle: story.idle, cancel: story.cancel };
        const first = Math.min(...Object.values(times).filter((at) => typeof at === "number"));
        const came = Object.keys(times).filter((what) => times[what as keyof typeof times] === first);
        expect(came).toContain(String(outcome.stopped));

        // Nobody is signalled by number once the process has ended, nobody is asked twice.
        const exit = done.indexOf("exit");
        const signals = (all: readonly string[]): readonly string[] =>
          all.filter((each) => each === "ask" || each === "kill");
        if (exit >= 0) expect(signals(done.slice(exit))).toEqual([]);
        expect(signals(done).filter((each) => each === "ask")).toHaveLength(outcome.stopped === null ? 0 : 1);
        if (exit >= 0) expect(done.slice(exit)).toEqual(["exit", "reap", "sweep"]);

        // The end is the one that it had.
        if (outcome.stopped === null)
          expect(outcome).toMatchObject({ exitCode: story.exit?.code, signal: null, remains: null });
        else if (outcome.remains) {
          expect(outcome).toMatchObject({ exitCode: null, signal: null, incomplete: true });
          expect(remains).toBe(ended !== null);
        } else if (done.includes("kill")) expect(outcome).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
        else expect([143, story.exit?.code]).toContain(outcome.exitCode);
        if (!outcome.remains) expect(outcome.incomplete).toBe(story.held === null || story.held > DRAIN_MS);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("P23: one that cannot be killed is told of as unknown, and it is told when it has gone after all", async () => {
    const deaf = { exit: null, timeout: 1, cancel: null, idle: null, afterAsk: null, held: 0, begun: true };
    const never = await play({ ...deaf, afterKill: null });
    expect(never.settled).toMatchObject([{ exitCode: null, signal: null, stopped: "timeout", incomplete: true }]);
    expect(never.settled[0]?.remains).toBeInstanceOf(Promise);
    expect(never.remains).toBe(false);
    // The second time also what stands before it.
    expect(never.done).toEqual(["ask", "kill", "kill"]);
    const late = await play({ ...deaf, afterKill: UNKILLABLE_MS + 1 });
    expect(late.settled).toHaveLength(1);
    expect(late.remains).toBe(true);
  });

  it("one that had ended before it was supervised is signalled no more, cancelled before or after", async () => {
    for (const cancelAt of [0, 50]) {
      const done: string[] = [];
      const abort = new AbortController();
      if (cancelAt === 0) abort.abort();
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const supervision = superviseProcess({
        program: runningChild({ stdout, stderr, onExit: (told) => told(3, null) }),
        tree: {
          ask: () => done.push("ask") > 0,
          kill: () => void done.push("kill"),
          reap: () => void done.push("reap"),
          sweep: () => void done.push("sweep"),
        },
        timeoutMs: 60_000,
        idleTimeoutMs: null,
        signal: abort.signal,
        stdout: () => undefined,
        stderr: () => undefined,
        endOf: ownEnd,
      });
      await vi.advanceTimersByTimeAsync(cancelAt);
      abort.abort();
      await vi.advanceTimersByTimeAsync(GRACE_MS + UNKILLABLE_MS + 1000);
      expect(await supervision).toMatchObject({ exitCode: 3, signal: null, stopped: cancelAt === 0 ? "cancel" : null });
      expect(done).toEqual(cancelAt === 0 ? ["ask", "reap", "sweep"] : ["reap", "sweep"]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it("one that has not begun when it is stopped is not given a grace", async () => {
    const story = {
      exit: null,
      timeout: 1,
      cancel: null,
      idle: null,
      afterAsk: 0,
      afterKill: 0,
      held: 0,
      begun: false,
    };
    expect((await play(story)).ended).toBeLessThan(100);
  });
});

it("P24: real programs that take as long as their timeout, and are cancelled about then, end in one honest way each", async () => {
  vi.useRealTimers();
  const at = folder();
  const engine = await engineOf(
    JSON.stringify({
      commands: [{ name: "t", description: "d", shell: "sh", run: "echo hi; sleep 0.1; exit 0", timeout: "120ms" }],
    }),
    { folder: at },
  );
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const abort = new AbortController();
      const call = engine.call({ tool: "t", arguments: {}, signal: abort.signal, stdout: () => void cancel() });
      const cancel = async (): Promise<void> => {
        await sleep(index);
        if (index % 2 === 0) abort.abort();
      };
      return call;
    }),
  );
  for (const outcome of outcomes) {
    expect(["completed", "timed_out", "cancelled"]).toContain(outcome.kind);
    if (outcome.kind === "completed") expect(outcome).toMatchObject({ exitCode: 0, signal: null, incomplete: false });
    if (outcome.kind === "timed_out" || outcome.kind === "cancelled")
      expect([0, 137, 143, null]).toContain(outcome.exitCode);
  }
});
