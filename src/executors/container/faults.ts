import { Refusal, type RefusalCode, refuse } from "../../base/refusal.ts";
import { plainText } from "../../base/text.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { ContainerPlan } from "./plan.ts";

/** Why a container did not start, by what its engine answered; the texts are those of Docker and Podman. */
export function refusalOf(error: unknown, plan: ContainerPlan): unknown {
  if (!(error instanceof EngineFault)) return error;
  const words = plainText(error.message);
  if (error.kind !== "denied") return refuse("engine.down", `${words}; the command was not started`);
  const program = plan.argv[0];
  if (/bind source path does not exist|statfs .*no such file|no such file or directory.*mount/i.test(words))
    return refuse("mount.missing", `the engine does not see what is to be mounted: ${words}`);
  if (/argument list too long/i.test(words)) return tooLarge();
  if (/executable file not found|exec.*no such file or directory/i.test(words)) return missing(program, plan);
  if (/exec.*permission denied|exec format error/i.test(words)) return notExecutable(program, words);
  return refuse("engine.refused", `the engine refused to run it: ${words}`);
}

/**
 * The refusal of a program that the init inside could not execute; `said` is all that was printed. The program has the same stderr:
 * one that ran, and says this very line of itself with the exit code that goes with it, is taken at its word.
 */
export function startFault(
  { said, exitCode }: { readonly said: string | null; readonly exitCode: number | null },
  plan: ContainerPlan,
): Refusal | undefined {
  const program = plan.argv[0];
  const reason = said === null ? undefined : reasonIn(said, exitCode, program);
  if (said === null || reason === undefined) return undefined;
  if (NO_INIT.test(said))
    return refuse("engine.refused", `the engine's own init cannot run in the image ${plan.image}: ${plainText(said)}`);
  if (/No such file|Not a directory/.test(reason)) return missing(program, plan);
  if (/Argument list too long/i.test(reason)) return tooLarge();
  return notExecutable(program, plainText(reason));
}

/** What the inits of Docker (tini) and Podman (catatonit), and runc of an init, say of what they could not execute. */
function reasonIn(said: string, exitCode: number | null, program: string): string | undefined {
  const [, name, byTini] = /^\[FATAL tini \(\d+\)\] exec (.*) failed: ([^:]*)$/.exec(said) ?? [];
  if (byTini !== undefined) return name === program && exitCode === (CODES.get(byTini) ?? 1) ? byTini : undefined;
  const [, reason] = /^(?:ERROR \(catatonit:\d+\): failed to exec pid1: |exec \/\S+init: )([^:]*)$/.exec(said) ?? [];
  // Not all of these tell reasons apart.
  return exitCode === 1 || (reason !== undefined && exitCode === CODES.get(reason)) ? reason : undefined;
}

const NO_INIT = /^exec \/\S+init: no such file/;

/** As shells have it (POSIX 2.8.2). */
const CODES: ReadonlyMap<string, number> = new Map([
  ["No such file or directory", 127],
  ["Permission denied", 126],
]);

/** The refusal of a program that the shell of a warm container could not execute; the exit codes are POSIX's (2.8.2). */
export function shellFault(exitCode: number, said: string | null, plan: ContainerPlan): Refusal {
  const reason = said?.split(": ").at(-1) ?? "";
  if (/too long/i.test(reason)) return tooLarge();
  const program = plan.argv[0];
  return exitCode === 127 ? missing(program, plan) : notExecutable(program, plainText(reason));
}

function missing(program: string, { image }: ContainerPlan): Refusal {
  return refuse(
    "program.missing",
    `${program} could not be started: it, or an interpreter it needs, is not in the image ${image}`,
  );
}

function tooLarge(): Refusal {
  return refuse(
    "arguments.too_large",
    "all arguments and environment variables together are longer than the system passes on",
  );
}

function notExecutable(program: string, reason: string): Refusal {
  return refuse("program.not_executable", `${program} cannot be executed: ${reason}`);
}

/** Whether it was certainly not begun there, and another engine may take it: one that answers, or has what this one lacks. */
export function isElsewhere(error: unknown): boolean {
  return isDown(error) || (error instanceof Refusal && LACKING.has(error.code));
}

const LACKING: ReadonlySet<string> = new Set<RefusalCode>(["image.missing", "limits.unenforceable"]);

/** Whether it was certainly not begun there, for the engine did not answer. */
export function isDown(error: unknown): boolean {
  return error instanceof Refusal
    ? error.code === "engine.down"
    : error instanceof EngineFault && error.kind !== "denied";
}
