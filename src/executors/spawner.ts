import { readlinkSync } from "node:fs";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { getSystemErrorName } from "node:util";
import { log } from "../base/log.ts";
import type { Child } from "./child.ts";
import { type PipeEnds, closeEnds, openEnds } from "./pipe-ends.ts";
import { readPipe } from "./pipe-reader.ts";
import { expendable } from "./spawn.ts";
import { type SpawnerProcess, type Talk, talkTo } from "./spawner-talk.ts";
import { type Told, askPipes, askStart } from "./spawner-wire.ts";
import { isMissing, system, systemFault } from "./system.ts";

/**
 * A small process of this server's own that starts programs for it (native/spawner.c). A fork copies the page tables of what forks and holds
 * it until the program is loaded: here that is a process of a few pages, and nobody waits for it. It ends with this process, however that
 * ends, and kills what it runs then.
 */
export interface Spawner {
  /**
   * Starts a program as the leader of a session of its own. Rejects with the system's code when it has not begun (`EPIPE`: the spawner
   * has gone); null: the spawner has gone, and whether it began is not known. A spawner that does not answer in 30 s, or within 2 s of
   * an abort, is killed.
   */
  spawn(program: Program, signal: AbortSignal): Promise<Child | null>;
  /** False: it has gone, by itself or by `close`. */
  isOpen(): boolean;
  /** Ends it, and kills what it runs. */
  close(): Promise<void>;
}

export interface Program {
  /** The first is the path of the program. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** As `name=value`. */
  readonly env: readonly string[];
  readonly hasInput: boolean;
}

const CLOSE_MS = 2000;
/** Between two looks for an answer, and how many there are: before an abort, and after it. */
const LOOK_MS = 500;
const LOOKS = 60;
const LOOKS_ABORTED = 4;
/** So much of it as the system shows is `mcpfier-spawner`. */
const NAME = `mcpfier-spawner-${process.platform}-${process.arch}`;
/** The bundle lies beside it. */
const FILE = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? `../../dist/${NAME}` : NAME, import.meta.url));

/** Undefined where there is none for this machine, or the system does not let it run, or us see its files. */
export function openSpawner(): Spawner | undefined {
  const child = startSpawner();
  if (!child) return undefined;
  const talks = talkTo(child);

  async function close(): Promise<void> {
    child?.ref();
    child?.stdin.end();
    const late = setTimeout(() => child?.kill("SIGKILL"), CLOSE_MS);
    await talks.ended;
    clearTimeout(late);
  }
  async function spawn(program: Program, signal: AbortSignal): Promise<Child | null> {
    const stopClock = expectAnswer(signal, () => child?.kill("SIGKILL"));
    try {
      return await spawnBy(child?.pid ?? 0, talks.begin(), program);
    } finally {
      stopClock();
    }
  }
  return { spawn, isOpen: talks.isOpen, close };
}

/**
 * It may hang in the system: a program on a file system of the network that does not answer, say. A look that comes late counts once: where
 * this process stood still itself, the answer waits to be read.
 */
function expectAnswer(signal: AbortSignal, giveUp: () => void): () => void {
  let left = LOOKS;
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    giveUp();
  }, LOOK_MS);
  const hurry = (): void => {
    left = Math.min(left, LOOKS_ABORTED);
  };
  signal.addEventListener("abort", hurry, { once: true });
  if (signal.aborted) hurry();
  return () => {
    clearInterval(timer);
    signal.removeEventListener("abort", hurry);
  };
}

async function spawnBy(spawner: number, talk: Talk, program: Program): Promise<Child | null> {
  let ends: PipeEnds | undefined;
  let started: Told | null;
  try {
    const start = askStart(talk.number, program);
    const pipes = begun(await talk.ask(askPipes(talk.number, program.hasInput)));
    if (pipes?.kind !== "pipes") throw systemFault("EPIPE");
    ends = takeEnds(spawner, pipes, talk);
    started = begun(await talk.ask(start));
  } catch (error) {
    if (ends) closeEnds(ends);
    talk.forget();
    throw error;
  }
  if (started?.kind === "started") return childOf(started.pid, ends, talk);
  closeEnds(ends);
  talk.forget();
  return null;
}

/** Opens our ends of the pipes, or has the spawner drop them. */
function takeEnds(spawner: number, pipes: PipeEnds, talk: Talk): PipeEnds {
  try {
    return openEnds(spawner, pipes);
  } catch (error) {
    talk.done();
    // They are not there any more: the spawner has gone, and we are about to be told.
    throw isMissing(error) ? systemFault("EPIPE") : error;
  }
}

/** What there is to be heard; throws what the system said when it was refused. */
function begun(told: Told | null): Told | null {
  if (told?.kind === "refused") throw systemFault(getSystemErrorName(-told.errno));
  return told;
}

function startSpawner(): SpawnerProcess | undefined {
  try {
    // In a session of its own: what is typed at the server's terminal is for the server.
    const child = expendable(() =>
      system.spawn(FILE, [], { cwd: "/", env: {}, detached: true, stdio: ["pipe", "pipe", "ignore"] }),
    );
    child.once("error", without);
    if (child.pid === undefined) return undefined;
    if (canSee(child.pid)) return child as SpawnerProcess;
    child.kill("SIGKILL");
  } catch (error) {
    without(error);
  }
  return undefined;
}

/** Our ends of the pipes are opened by their names there. */
function canSee(pid: number): boolean {
  try {
    // Of another namespace's processes one may have its number.
    if (readlinkSync("/proc/self") !== String(process.pid)) throw new Error("/proc is not that of this namespace");
    readlinkSync(`/proc/${pid}/fd/0`);
    return true;
  } catch (error) {
    without(error);
    return false;
  }
}

function without(error: unknown): void {
  log.debug({ error }, "there is no spawner: this process starts programs itself");
}

/** Its streams are made in the turn in which it is listened to: they begin to read, and end, by themselves. */
function childOf(pid: number, ends: PipeEnds, { onExit }: Talk): Child {
  const stdin = ends.stdin === null ? null : new Socket({ fd: ends.stdin, readable: false, writable: true });
  return {
    pid,
    stdin,
    stdout: readPipe(ends.stdout),
    stderr: readPipe(ends.stderr),
    onExit: (told) =>
      onExit((exitCode, signal) => {
        // Something else may hold its input, and never read it.
        stdin?.destroy();
        told(exitCode, signal);
      }),
  };
}
