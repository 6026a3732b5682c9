// What the tests drive the product with: real folders, real processes, the package as it is installed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Files } from "../src/base/files.ts";
import { type Host, currentHost } from "../src/base/host.ts";
import { type Loaded, loadCatalogue } from "../src/catalogue/load.ts";
import { RESERVED } from "../src/cli/words.ts";
import { type Engine, createEngine } from "../src/engine.ts";

/** The package as it was packed, and as it was installed from that into an empty folder (see build.ts). */
export const TARBALL = process.env["MCPFIER_TEST_TARBALL"] ?? "";
export const PACKAGE = process.env["MCPFIER_TEST_PACKAGE"] ?? "";

/** The published entry. */
export const BIN = join(PACKAGE, "dist/mcpfier.mjs");

const endings: (() => unknown)[] = [];

/** Has something done at the end of the test, before it is checked that nothing is left; the last first. */
export function atEnd(ending: () => unknown): void {
  endings.push(ending);
}

/** Called once, by the sentinel. */
export async function cleanUp(): Promise<void> {
  for (let ending = endings.pop(); ending; ending = endings.pop()) await ending();
}

/** A folder that is gone after the test; its real path. `files` are written into it. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "mcpfier-test-")));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Runs with another Node than this one. */
  readonly node?: string;
  /** What stands before Node on its command line. */
  readonly under?: readonly string[];
}

/** Runs mcpfier to its end. */
export async function mcpfier(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options);
  const stdout = collect(child, "stdout");
  const stderr = collect(child, "stderr");
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input ?? "");
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.once("close", (...ending) => done(ending));
  });
  return { code, signal, stdout: stdout(), stderr: stderr() };
}

/** Starts mcpfier with pipes and leaves it running; it is killed after the test. */
export function start(args: readonly string[], { cwd, env, node, under = [] }: RunOptions = {}): ChildProcess {
  const [program = "", ...words] = [...under, node ?? process.execPath, BIN, ...args];
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env } });
  atEnd(() => stop(child));
  return child;
}

/** Lets a server end by itself, and kills what does not. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await exit;
  clearTimeout(timer);
}

/** The text that a stream of a process has printed so far. */
export function collect(child: ChildProcess, name: "stdout" | "stderr"): () => string {
  const chunks: Buffer[] = [];
  child[name]?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

export const host: Host = currentHost();

/** A catalogue file's text, loaded from a folder of its own. */
export function load(yaml: string, options: { readonly host?: Host; readonly folder?: string } = {}): Promise<Loaded> {
  const file = join(options.folder ?? folder(), "mcpfier.yaml");
  writeFileSync(file, yaml);
  return loadCatalogue(file, { host: options.host ?? host, reserved: RESERVED });
}

/** An engine over a catalogue that must be free of errors; closed after the test. */
export async function engineOf(
  yaml: string,
  options: {
    readonly host?: Host;
    readonly folder?: string;
    readonly records?: string;
    readonly files?: Files;
    readonly confirmMs?: number;
  } = {},
): Promise<Engine> {
  const { catalogue, problems } = await load(yaml, options);
  if (!catalogue)
    throw new Error(problems.map((each) => `${each.line}:${each.column} ${each.rule}: ${each.message}`).join("\n"));
  const engine = createEngine(catalogue, options.host ?? host, {
    records: options.records ?? folder(),
    ...(options.confirmMs === undefined ? {} : { confirmMs: options.confirmMs }),
    ...(options.files ? { files: options.files } : {}),
  });
  atEnd(() => engine.close());
  return engine;
}

/** Waits until something is true; fails with a text after 10 s. */
export async function poll(isTrue: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(otherwise());
    await sleep(10);
  }
}
