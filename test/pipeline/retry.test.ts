import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { callFacts } from "../../src/pipeline/facts.ts";
import type { Engine } from "../../src/engine.ts";
import { engineOf, folder } from "../rig.ts";

const YAML = `
concurrency: 1
defaults: { retry: { attempts: 3, delay: 1ms, on: [7] } }
commands:
  - name: third
    description: Succeeds the third time.
    effect: read
    shell: sh
    run: 'echo x >> third; n=$(grep -c x third); echo "out $n"; echo "err $n" >&2; [ $n -ge 3 ]'
    retry: { attempts: 5, delay: 1ms }
  - name: never
    description: Fails each time, and says so.
    effect: read
    shell: sh
    run: 'echo x >> never; echo "out $(grep -c x never)"; exit 7'
  - { name: other_code, description: d, effect: read, shell: sh, run: 'echo x >> other_code; exit 8' }
  - { name: changes, description: d, shell: sh, run: 'echo x >> changes; exit 7' }
  - { name: idempotent, description: d, idempotent: true, shell: sh, run: 'echo x >> idempotent; exit 7' }
  - { name: killed, description: d, effect: read, shell: sh, run: 'echo x >> killed; kill -9 $$', retry: { attempts: 2, delay: 0s, on: [137] } }
  - { name: slow, description: d, effect: read, shell: sh, run: 'echo x >> slow; exec sleep 100', timeout: 1s, retry: { delay: 0s } }
  - { name: slow_again, description: d, effect: read, shell: sh, run: 'echo x >> slow_again; exec sleep 100', timeout: 1s, retry: { attempts: 2, delay: 0s, on: [timeout] } }
  - { name: missing, description: d, effect: read, run: [no-such-program-here], retry: { delay: 0s } }
  - { name: goes, description: d, effect: read, run: [./goes], retry: { delay: 0s } }
  - { name: patient, description: d, effect: read, shell: sh, run: 'echo x >> patient; echo once; exit 1', retry: { delay: 5m } }
  - { name: quick, description: d, run: ["true"] }
`;

interface Stage {
  readonly engine: Engine;
  /** How often a command ran. */
  count(name: string): number;
}

async function stage(): Promise<Stage> {
  const path = folder({ goes: "#!/bin/sh\nrm goes\necho gone\nexit 7\n" });
  chmodSync(join(path, "goes"), 0o755);
  const count = (name: string): number =>
    existsSync(join(path, name)) ? readFileSync(join(path, name), "utf8").split("x").length - 1 : 0;
  return { engine: await engineOf(YAML, { folder: path }), count };
}

describe("retry", () => {
  test("tries again until it succeeds, and shows nothing of what failed before", async () => {
    const { engine, count } = await stage();
    const outcome = await engine.call({ tool: "third", arguments: {} });
    expect(outcome).toMatchObject({ kind: "completed", attempt: 3, shown: { text: "out 3\n" } });
    expect(count("third")).toBe(3);
    expect(callFacts(outcome)).toMatchObject({ attempt: 3, outcome: "completed" });
    expect(outcome.kind === "completed" && String(outcome.stdout.head)).toBe("out 3\n");
  });

  test("ends with the last attempt, and says which it was", async () => {
    const { engine, count } = await stage();
    expect(await engine.call({ tool: "never", arguments: {} })).toMatchObject({
      kind: "failed",
      exitCode: 7,
      attempt: 3,
      shown: { text: "failed: exit code 7 (attempt 3 of 3)\n\nstdout:\nout 3" },
    });
    expect(count("never")).toBe(3);
  });

  test.each([
    ["other_code", "failed", 1, "an exit code that is not named"],
    ["changes", "failed", 1, "a command that changes something, by the defaults"],
    ["idempotent", "failed", 3, "a command that may run twice, by the defaults"],
    ["killed", "failed", 2, "a signal that is named as a shell tells it"],
    ["slow", "timed_out", 1, "a timeout that is not named"],
    ["slow_again", "timed_out", 2, "a timeout that is named"],
  ])("of %s: %s, %d times, for %4$s", async (tool, kind, times) => {
    const { engine, count } = await stage();
    expect(await engine.call({ tool, arguments: {} })).toMatchObject({ kind, attempt: times });
    expect(count(tool)).toBe(times);
  });

  test("is not for what never started", async () => {
    const { engine } = await stage();
    const notices: string[] = [];
    const stderr = (chunk: Buffer): void => void notices.push(String(chunk));
    expect(await engine.call({ tool: "missing", arguments: {}, stderr })).toMatchObject({ code: "program.missing" });
    expect(notices).toEqual([]);
  });

  test("that cannot start ends with the attempt before", async () => {
    const { engine } = await stage();
    expect(await engine.call({ tool: "goes", arguments: {} })).toMatchObject({
      kind: "failed",
      exitCode: 7,
      attempt: 1,
      shown: { text: "failed: exit code 7\n\nstdout:\ngone" },
    });
  });

  test("tells those who watch", async () => {
    const { engine } = await stage();
    const notices: string[] = [];
    await engine.call({ tool: "never", arguments: {}, stderr: (chunk) => void notices.push(String(chunk)) });
    expect(notices).toEqual([
      "mcpfier: attempt 1 of 3 failed with exit code 7; the next in 0.001 s\n",
      "mcpfier: attempt 2 of 3 failed with exit code 7; the next in 0.002 s\n",
    ]);
  });

  test("survives a watcher that fails", async () => {
    const { engine } = await stage();
    const stderr = (): Promise<void> => Promise.reject(new Error("gone"));
    expect(await engine.call({ tool: "never", arguments: {}, stderr })).toMatchObject({ attempt: 3 });
  });
});

describe("the wait for the next attempt", () => {
  /** Calls `patient`, and resolves when its first attempt has failed. */
  async function waiting(engine: Engine) {
    const abort = new AbortController();
    let isWaiting = (): void => undefined;
    const first = new Promise<void>((resolve) => (isWaiting = resolve));
    const stderr = (chunk: Buffer): void => void (String(chunk).includes("attempt 1 of 3") && isWaiting());
    const outcome = engine.call({ tool: "patient", arguments: {}, signal: abort.signal, stderr });
    await first;
    return { outcome, abort };
  }

  test("is cut short by a cancel", async () => {
    const { engine, count } = await stage();
    const { outcome, abort } = await waiting(engine);
    abort.abort();
    expect(await outcome).toMatchObject({
      kind: "cancelled",
      attempt: 1,
      shown: { text: "cancelled: stopped before it ended\n\nstdout:\nonce" },
    });
    expect(count("patient")).toBe(1);
  });

  test("is cut short by a shutdown", async () => {
    const { engine, count } = await stage();
    const { outcome } = await waiting(engine);
    await engine.close();
    expect((await outcome).kind).toBe("cancelled");
    expect(count("patient")).toBe(1);
  });

  test("holds up no other call", async () => {
    const { engine } = await stage();
    const { outcome, abort } = await waiting(engine);
    expect((await engine.call({ tool: "quick", arguments: {} })).kind).toBe("completed");
    abort.abort();
    await outcome;
  });
});
