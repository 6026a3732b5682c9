import { type ChildProcess, spawn } from "node:child_process";
import { refuse } from "../base/refusal.ts";
import type { LocalPlan } from "./plan.ts";

/** What starts processes; a test puts in its place what the system does when it has none left. */
export const system = { spawn };

/** Starts a plan's program, as the leader of a process group of its own; a refusal when the system does not. */
export async function spawnChild(
  [file, ...args]: readonly [string, ...string[]],
  plan: LocalPlan,
): Promise<ChildProcess & { readonly pid: number }> {
  const child = attempt(file, args, plan);
  if (child.pid === undefined) {
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once("error", resolve));
    throw spawnFault(error.code, plan);
  }
  // A program need not read what it is given, and may be gone before it could.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(plan.stdin);
  return child as ChildProcess & { readonly pid: number };
}

function attempt(file: string, args: readonly string[], plan: LocalPlan): ChildProcess {
  try {
    return system.spawn(file, args, {
      cwd: plan.cwd,
      env: Object.fromEntries(plan.env.map(({ name, value }) => [name, value])),
      detached: true,
      stdio: [plan.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
    });
  } catch (error) {
    throw spawnFault((error as NodeJS.ErrnoException).code, plan);
  }
}

function spawnFault(code: string | undefined, plan: LocalPlan): Error {
  const name = plan.argv[0];
  if (code === "ENOENT")
    return refuse("program.missing", `${name} could not be started: it, or the interpreter it names, does not exist`);
  if (code === "EACCES" || code === "ENOEXEC")
    return refuse("program.not_executable", `${name} cannot be executed (${code})`);
  if (code === "E2BIG")
    return refuse(
      "arguments.too_large",
      "all arguments and environment variables together are longer than the system passes on",
    );
  if (code === "EMFILE" || code === "ENFILE" || code === "EAGAIN" || code === "ENOMEM")
    return refuse("resource.exhausted", `the system cannot start another process now (${code}); try again`);
  return refuse("spawn.failed", `the system refused to start ${name} (${code ?? "no reason given"})`);
}
