// A call in a container whose engine is behind a fault proxy, and what must hold of it in any weather.
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Engine } from "../../../src/engine.ts";
import type { CallRequest } from "../../../src/request.ts";
import type { Outcome } from "../../../src/pipeline/call.ts";
import { type Proxy, createProxy } from "../../containers/proxy.ts";
import { containersOf } from "../../engines.ts";
import { atEnd, engineOf, folder, host, poll } from "../../rig.ts";
import { foldersOf } from "../survivors.ts";
import { catalogueOf } from "../variants.ts";

/** The longest that a call may take beside its own time: each step of it has 10 s, and two may fail before it is given up. */
const LONGEST_MS = 30_000;

export interface Stage {
  readonly proxy: Proxy;
  readonly engine: Engine;
  readonly folder: string;
  /** Calls, and fails where the call hangs. */
  call(tool: string, request?: Partial<CallRequest>): Promise<Outcome>;
  /** How often `note` was executed, by the calls of all tools together. */
  runs(): number;
  /** How many sockets this process has open beside those of the proxy. */
  sockets(): number;
  /** Waits until the engine has no container of these calls any more, and nothing else is left of them. */
  nothingLeft(): Promise<void>;
}

/** What each command of these tests does first, so that it is known whether, and how often, it really began. */
export const NOTE = "echo x >> runs";

/** A command of busybox' shell, in a container that sees the folder of the stage. */
export function inside(script: string, words: object = {}): object {
  const { container, ...more } = words as { readonly container?: object };
  return {
    run: ["sh", "-c", script],
    timeout: "20s",
    ...more,
    container: {
      image: "mcpfier/busybox:test",
      pull: "never",
      mounts: ["${{ workspace }}:${{ workspace }}"],
      ...container,
    },
  };
}

export async function stage(target: string, commands: Readonly<Record<string, object>>): Promise<Stage> {
  const where = folder();
  chmodSync(where, 0o777);
  const proxy = createProxy(target);
  atEnd(() => proxy.close());
  const env = { ...host.env, DOCKER_HOST: proxy.host };
  const engine = await engineOf(catalogueOf(commands), { folder: where, host: { ...host, env } });
  const calls = new Set<string>();

  async function call(tool: string, request: Partial<CallRequest> = {}): Promise<Outcome> {
    const outcome = await within(LONGEST_MS, engine.call({ arguments: {}, ...request, tool }), () => `${tool} hangs`);
    calls.add(outcome.callId);
    return outcome;
  }

  async function nothingLeft(): Promise<void> {
    const left = async (): Promise<readonly string[]> => {
      const found = await Promise.all([...calls].map((id) => containersOf(target, `mcpfier.call=${id}`)));
      return found.flat().map(({ State, Labels }) => `${State} ${Labels["mcpfier.command"]}`);
    };
    let containers = await left();
    for (const until = Date.now() + 15_000; containers.length > 0 && Date.now() < until;) containers = await left();
    expect(containers, "containers left behind").toEqual([]);
    expect(foldersOf(calls), "folders left behind").toEqual([]);
    // That of a stream is seen to be closed only when the engine speaks, and of a container that never started it does not.
    await poll(
      () => proxy.open(/^(?!.*\/attach)/) === 0,
      () => `${proxy.open(/^(?!.*\/attach)/)} connections are open`,
    );
  }

  const runs = (): number => linesIn(join(where, "runs"));
  const sockets = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === "PipeWrap").length - 2 * proxy.open();
  return { proxy, engine, folder: where, call, runs, sockets, nothingLeft };
}

async function within<T>(ms: number, promise: Promise<T>, otherwise: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${otherwise()} for ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a file that a command makes. */
export async function marked(file: string): Promise<void> {
  await poll(
    () => existsSync(file),
    () => `${file} did not come`,
  );
}

export function linesIn(file: string): number {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

export function stdoutOf(outcome: Outcome): string {
  if (!("stdout" in outcome)) return "";
  return Buffer.concat([outcome.stdout.head, outcome.stdout.tail]).toString();
}

export interface Truth {
  /** How often it really began. */
  readonly runs: number;
  /** How it ends when nothing disturbs it: of the exit codes that we might make up, it is none. */
  readonly exitCode: number;
  readonly stdout: string;
}

/** Whether an outcome says nothing but what is so. */
export function expectHonest(outcome: Outcome, { runs, exitCode, stdout }: Truth): void {
  const shown = JSON.stringify(outcome, (key, value: unknown) => (key === "plan" ? undefined : value));
  expect(runs, shown).toBeLessThanOrEqual(1);
  if (outcome.kind === "refused") {
    expect(outcome.code, shown).toBe("engine.down");
    expect(runs, shown).toBe(0);
    return;
  }
  expect(["completed", "unknown", "cancelled", "timed_out"], shown).toContain(outcome.kind);
  if (outcome.kind === "completed") {
    expect({ runs, exitCode: outcome.exitCode }, shown).toEqual({ runs: 1, exitCode });
    if (outcome.incomplete) expect(outcome.shown.text).toContain("output may be missing");
    else expect(stdoutOf(outcome), shown).toBe(stdout);
  }
  if (outcome.kind === "unknown") {
    expect(outcome, shown).toMatchObject({ exitCode: null, signal: null });
    expect(outcome.why).toMatch(/engine/);
  }
}
