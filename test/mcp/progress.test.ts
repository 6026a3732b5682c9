import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Update, createProgress } from "../../src/mcp/progress.ts";
import type { Watcher } from "../../src/pipeline/relay.ts";
import { poll } from "../rig.ts";
import { raw } from "./raw.ts";

describe("what is told", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const pause = (): Promise<unknown> => vi.advanceTimersByTimeAsync(200);

  /** Prints each text after the one before was told; a number is a silence of so many seconds. */
  async function told(
    mode: "lines" | "percent",
    ...steps: readonly (readonly ["stdout" | "stderr", string] | number)[]
  ): Promise<readonly Update[]> {
    const updates: Update[] = [];
    const progress = createProgress((update) => {
      updates.push(update);
      return Promise.resolve();
    });
    const watcher = progress.follow(mode);
    watcher.doing("running", performance.now());
    for (const each of steps) {
      if (typeof each === "number") await vi.advanceTimersByTimeAsync(each * 1000);
      else void watcher[each[0]](Buffer.from(each[1]));
      if (typeof each !== "number") await pause();
    }
    const end = progress.end();
    await pause();
    await end;
    return updates;
  }

  test("the number of lines, and the latest that says something, whatever ends it", async () => {
    expect(await told("lines", ["stdout", "a\nb\n\n"], ["stderr", "c\r\nd\re"], ["stdout", "f\n"])).toEqual([
      { progress: 3, message: "b" },
      { progress: 5, message: "d" },
      { progress: 6, message: "f" },
    ]);
  });

  test("a message holds no control characters, no invalid text, and 500 characters at most", async () => {
    const long = `${"x".repeat(499)}😀`;
    const updates = await told(
      "lines",
      ["stdout", "\u001B[31m red\u001B[0m \u202E\n"],
      ["stdout", `${long}\n`],
      ["stdout", `x${"€".repeat(3000)}\n`],
    );
    expect(updates.map((update) => update.message)).toEqual(["red", "x".repeat(499), `x${"€".repeat(499)}`]);
  });

  test("a report after percentages goes on from the last of them", async () => {
    const updates = await told(
      "percent",
      ["stdout", "90%\n"],
      ["stderr", "::progress 1/2 half of the rest\n"],
      ["stderr", "::progress 2/2 all\n"],
    );
    expect(updates.map(({ progress, total }) => [progress, total])).toEqual([
      [90, 100],
      [95, 100],
      [100, 100],
    ]);
  });

  test("a report sets progress, total and message, on stderr only", async () => {
    expect(
      await told(
        "lines",
        ["stderr", "::progress 40/100 copying\n"],
        ["stdout", "::progress 90/100 not me\n"],
        ["stderr", "::progress 2.5/"],
        ["stderr", "5\n"],
        ["stderr", "::progress 3/5 a\n::progress 4/5 b\n::progress x/5\n"],
      ),
    ).toEqual([
      { progress: 40, total: 100, message: "copying" },
      { progress: expect.closeTo(40, 3), total: 100, message: "::progress 90/100 not me" },
      { progress: expect.closeTo(42.5, 3), total: expect.closeTo(45, 3), message: "::progress 90/100 not me" },
      { progress: expect.closeTo(44, 3), total: expect.closeTo(45, 3), message: "::progress x/5" },
    ]);
  });

  test("a report after lines, and one that begins anew, go on from where it was", async () => {
    const steps = ["1/4", "4/4", "0/2", "1/2"].map((each) => ["stderr", `::progress ${each}\n`] as const);
    expect(await told("lines", ["stdout", "a\n".repeat(10)], ...steps)).toEqual([
      { progress: 10, message: "a" },
      { progress: 11, total: 14, message: "a" },
      { progress: 14, total: 14, message: "a" },
      { progress: expect.closeTo(14, 4), total: 16, message: "a" },
      { progress: 15, total: 16, message: "a" },
    ]);
  });

  test("percentages count with `progress: percent` only, from either stream, also while their line goes on", async () => {
    const steps = [
      ["stdout", "\r 1"],
      ["stdout", "2.5% of it"],
      ["stderr", "half: 50%, load 180%\n"],
      ["stdout", "100%"],
    ] as const;
    expect(await told("percent", ...steps)).toEqual([
      { progress: 1, message: "running" },
      { progress: 12.5, total: 100, message: "running" },
      { progress: 50, total: 100, message: "half: 50%, load 180%" },
      { progress: 100, total: 100, message: "half: 50%, load 180%" },
    ]);
    expect((await told("lines", ...steps)).map((update) => update.total)).toEqual([undefined, undefined]);
  });

  test("a report counts more than a percentage", async () => {
    const updates = await told("percent", ["stderr", "::progress 1/8 at 50%\n"], ["stdout", "75%\n"]);
    expect(updates.map((update) => update.total)).toEqual([8, 8]);
  });

  test("a silence is broken every 5 s by what goes on, a little further each time", async () => {
    expect(await told("lines", ["stdout", "a\n"], 11)).toEqual([
      { progress: 1, message: "a" },
      { progress: expect.closeTo(1.001, 6), message: "running for 5 s" },
      { progress: expect.closeTo(1.002, 6), message: "running for 10 s" },
    ]);
    const reported = await told("lines", ["stderr", "::progress 99/100 nearly\n"], 3600);
    expect(reported).toHaveLength(721);
    expect(reported.every((update) => update.total === 100 && update.progress < 99.01)).toBe(true);
  });

  test("a call that waits says what for", async () => {
    const updates: Update[] = [];
    const progress = createProgress((update) => {
      updates.push(update);
      return Promise.resolve();
    }, 1000);
    const watcher: Watcher = progress.follow("lines");
    await vi.advanceTimersByTimeAsync(1000);
    watcher.doing("waiting for a free slot", performance.now());
    await vi.advanceTimersByTimeAsync(1000);
    const end = progress.end();
    await pause();
    await end;
    expect(updates.map((update) => update.message)).toEqual([
      "waiting to start for 1 s",
      "waiting for a free slot for 1 s",
    ]);
  });
});

describe("over the protocol", () => {
  const CATALOGUE = `
commands:
  - name: steps
    description: Reports.
    shell: sh
    params: { token: { type: string, secret: true } }
    run: |
      for i in 1 2 3 4; do
        printf '::prog' >&2; sleep 0.1; echo "ress $i/4 step $i" >&2; sleep 0.1
      done
      printf 'token hush-'; sleep 0.2; echo 'hush-1234 was here'
      sleep 0.2; echo end
  - name: percent
    description: Redraws a bar.
    shell: sh
    progress: percent
    run: for i in 25 50 75 100; do printf '\\r[%s%%]' $i; sleep 0.15; done
  - name: talkative
    description: Has a last word.
    shell: sh
    run: |
      trap 'echo asked; sleep 0.3; echo over; echo > gone; exit 0' TERM
      echo ready; while :; do sleep 0.05; done
  - name: flood
    description: Prints without an end.
    isolation: group
    shell: sh
    run: echo $$ > pid; exec yes "a line that is printed again and again"
    timeout: 1s
`;

  test("reports and secrets that are split over chunks stay whole", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "steps", { token: "hush-hush-1234" }, { progressToken: 7 });
    const { result } = await session.answer(1);
    expect(result?.isError).toBeUndefined();
    const told = session.messages().filter((message) => message.method === "notifications/progress");
    const reports = told.map(({ params }) => [params?.["progress"], params?.["total"], params?.["message"]]);
    for (const i of [1, 2, 3, 4]) expect(reports).toContainEqual([i, 4, `step ${i}`]);
    expect(reports.map(([, , message]) => message)).toContain("token [redacted] was here");
    expect(reports.at(-1)?.[2]).toBe("end");
    expect(session.messages().at(-1)?.id).toBe(1);
    expect(JSON.stringify(session.messages())).not.toMatch(/hush/);
  });

  test("a bar that redraws itself is a percentage", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "percent", {}, { progressToken: "bar" });
    await session.answer(1);
    const told = session.messages().filter((message) => message.method === "notifications/progress");
    expect(told.at(-1)?.params).toMatchObject({ progressToken: "bar", progress: 100, total: 100 });
  });

  test("nothing is told of a call that its client has cancelled", async () => {
    const session = await raw(CATALOGUE);
    const path = dirname(/catalogue (\S+) /.exec(session.stderr())?.[1] ?? "");
    session.call(1, "talkative", {}, { progressToken: 1 });
    const messages = (): unknown[] => session.messages().map((message) => message.params?.["message"]);
    await poll(
      () => messages().includes("ready"),
      () => session.stderr(),
    );
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    await poll(
      () => existsSync(join(path, "gone")),
      () => "the command was not asked to stop",
    );
    session.call(2, "percent", {});
    await session.answer(2);
    expect(messages().filter((message) => message !== undefined)).toEqual(["ready"]);
  });

  test("a client that stops reading does not delay the timeout of a flooding command, nor fill the memory", async () => {
    const session = await raw(CATALOGUE);
    const path = dirname(/catalogue (\S+) /.exec(session.stderr())?.[1] ?? "");
    const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
    session.child.stdout?.pause();
    const before = residentMiB(session.child.pid);
    // Enough answers to fill the pipe, so that what comes then has to wait for the client.
    for (let id = 100; id < 1100; id++) session.send({ id, method: "tools/list" });
    session.call(1, "flood", {}, { progressToken: "flood" });
    await poll(
      () => existsSync(join(path, "pid")) && readFileSync(join(path, "pid"), "utf8").endsWith("\n"),
      () => session.stderr(),
    );
    const pid = Number(readFileSync(join(path, "pid"), "utf8"));
    await poll(
      () => !isAlive(pid),
      () => "the command outlived its timeout",
    );
    expect(residentMiB(session.child.pid) - before).toBeLessThan(256);
    session.child.stdout?.resume();
    const { result } = await session.answer(1);
    expect(result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "timed_out" });
    const told = session.messages().filter((message) => message.method === "notifications/progress");
    expect(told.length).toBeLessThanOrEqual(20);
  });
});

function residentMiB(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
