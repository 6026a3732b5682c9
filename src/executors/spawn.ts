import type { ChildProcess, SpawnOptions } from "node:child_process";
import { refuse } from "../base/refusal.ts";
import { type Child, ownChild } from "./child.ts";
import type { LocalPlan } from "./local-plan.ts";
import { isExhausted, system } from "./system.ts";

/** Starts a plan's program as a child of this process, as the leader of a process group of its own; a refusal when the system does not. */
export async function spawnChild([file, ...args]: readonly [string, ...string[]], plan: LocalPlan): Promise<Child> {
  const child = attempt(file, args, plan);
  if (child.pid === undefined)
    throw spawnFault(await new Promise((resolve) => child.once("error", resolve)), nameOf(file, plan));
  return ownChild(child as ChildProcess & { readonly pid: number });
}

function attempt(file: string, args: readonly string[], plan: LocalPlan): ChildProcess {
  const options: SpawnOptions = {
    cwd: plan.cwd,
    env: Object.fromEntries(plan.env.map(({ name, value }) => [name, value])),
    detached: true,
    stdio: [plan.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
  };
  try {
    return expendable(() => system.spawn(file, args, options));
  } catch (error) {
    throw spawnFault(error as NodeJS.ErrnoException, nameOf(file, plan));
  }
}

/** What stands before the program may be gone, too. */
export function nameOf(file: string, plan: LocalPlan): string {
  return file === plan.program ? plan.argv[0] : file;
}

/** Why the system did not start a program, by its code. */
export function spawnFault(error: NodeJS.ErrnoException, name: string): Error {
  const { code } = error;
  if (code === "ENOENT")
    return refuse("program.missing", `${name} could not be started: it, or the interpreter it names, does not exist`);
  if (code === "EACCES" || code === "ENOEXEC")
    return refuse("program.not_executable", `${name} cannot be executed (${code})`);
  if (code === "E2BIG")
    return refuse(
      "arguments.too_large",
      "all arguments and environment variables together are longer than the system passes on",
    );
  if (isExhausted(error))
    return refuse("resource.exhausted", `the system cannot start another process now (${code}); try again`);
  return refuse("spawn.failed", `the system refused to start ${name} (${code ?? "no reason given"})`);
}

/** Where memory runs out, processes with a higher score go first (proc(5)). */
const SCORE = "/proc/self/oom_score_adj";
const EXPENDABLE = 500;
let ownScore: number | undefined;

/** What is started meanwhile goes before this process; a child inherits the score, so it has it before it can have children. */
export function expendable<Started>(start: () => Started): Started {
  ownScore ??= readScore();
  if (ownScore >= EXPENDABLE) return start();
  setScore(EXPENDABLE);
  try {
    return start();
  } finally {
    setScore(ownScore);
  }
}

function readScore(): number {
  try {
    return Number(system.readFileSync(SCORE, "latin1"));
  } catch {
    // There is no such thing here.
    return EXPENDABLE;
  }
}

function setScore(score: number): void {
  try {
    system.writeFileSync(SCORE, String(score));
  } catch {
    // Then it goes when its turn comes; the next start sets the score again.
  }
}
