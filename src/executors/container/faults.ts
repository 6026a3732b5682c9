import { Refusal, refuse } from "../../base/refusal.ts";
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

/** What the inits of Docker (tini) and Podman (catatonit), and runc of an init, say of what they could not execute. */
const INIT =
  /^(?:\[FATAL tini \(\d+\)\] exec .* failed: |ERROR \(catatonit:\d+\): failed to exec pid1: |exec \S+init: )(.*)$/;

/** The refusal of a program that the init inside could not execute; `said` is all that was printed. */
export function startFault(said: string | null, plan: ContainerPlan): Refusal | undefined {
  const reason = INIT.exec(said ?? "")?.[1];
  if (reason === undefined) return undefined;
  const program = plan.argv[0];
  if (/No such file|Not a directory/.test(reason)) return missing(program, plan);
  if (/Argument list too long/i.test(reason)) return tooLarge();
  return notExecutable(program, plainText(reason));
}

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

/** Whether it was certainly not begun there, and may be elsewhere. */
export function isDown(error: unknown): boolean {
  return error instanceof Refusal
    ? error.code === "engine.down"
    : error instanceof EngineFault && error.kind !== "denied";
}
