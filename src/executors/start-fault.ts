import { type Refusal, refuse } from "../base/refusal.ts";
import type { CallIO, Ending } from "./executor.ts";
import type { LocalPlan } from "./plan.ts";

/** What the shells that stand before a program call themselves when they complain. */
export const STARTER = "mcpfier-start";

const LONGEST = 1000;

export interface StartWatch {
  readonly io: CallIO;
  /** Throws the refusal of a program that never started: one line of what stands before it is all that was printed. */
  check(plan: LocalPlan, ending: Pick<Ending, "exitCode">): void;
}

/** Listens to the beginning of a call's output. */
export function watchStart(io: CallIO): StartWatch {
  let printed = 0;
  let told = "";
  return {
    io: {
      ...io,
      stdout: (chunk) => {
        printed += chunk.length;
        return io.stdout(chunk);
      },
      stderr: (chunk) => {
        if (told.length < LONGEST) told += chunk.subarray(0, LONGEST).toString();
        return io.stderr(chunk);
      },
    },
    check: (plan, { exitCode }) => {
      const [, who, text = ""] = /^(bwrap|unshare|setpriv|setsid|mcpfier-start): ([^\n]*)\n$/.exec(told) ?? [];
      if (who === undefined || printed > 0 || plan.argv[0].endsWith(who)) return;
      const fault = faultOf(exitCode, text, plan.argv[0]);
      if (fault) throw fault;
    },
  };
}

/** The exit codes are those of shells (POSIX 2.8.2); 125 is our own. */
function faultOf(exitCode: number | null, text: string, name: string): Refusal | undefined {
  if (exitCode === 127 || (exitCode === 1 && /^execvp .*No such file/.test(text)))
    return refuse("program.missing", `${name} could not be started: it, or an interpreter it needs, does not exist`);
  if (exitCode === 126 || (exitCode === 1 && text.startsWith("execvp ")))
    return refuse("program.not_executable", `${name} cannot be executed: ${text}`);
  // A shell that cannot fork ends with 2.
  if (exitCode === 1 || exitCode === 2 || exitCode === 125)
    return refuse("resource.exhausted", `the program got no place of its own to run in: ${text}; try again`);
  return undefined;
}
