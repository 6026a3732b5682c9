import { type Refusal, refuse } from "../base/refusal.ts";
import { plainText } from "../base/text.ts";
import type { CallIO, Ending } from "./executor.ts";
import type { LocalPlan } from "./local-plan.ts";

/** What the shells that stand before a program call themselves when they complain. */
export const STARTER = "mcpfier-start";

const LONGEST = 1000;

export interface StartWatch {
  readonly io: CallIO;
  /** The line of stderr that is all that was printed; null: that is something else. */
  said(): string | null;
  /** Throws the refusal of a program that never started: one line of what stands before it is all that was printed. */
  check(plan: LocalPlan, ending: Pick<Ending, "exitCode">): void;
}

/** Listens to the beginning of a call's output. */
export function watchStart(io: CallIO): StartWatch {
  let printed = 0;
  let told = "";
  const said = (): string | null => (printed > 0 ? null : (/^([^\n]*)\n?$/.exec(told)?.[1] ?? null));
  return {
    said,
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
      const [, who, text = ""] = /^(bwrap|unshare|setpriv|setsid|mcpfier-start): (.*)$/.exec(said() ?? "") ?? [];
      if (who === undefined || !standsBefore(who, plan)) return;
      const fault = faultOf(exitCode, text, {
        name: plan.argv[0],
        program: plan.program ?? "",
        isOurs: who === STARTER,
      });
      if (fault) throw fault;
    },
  };
}

/** Whether it can have said anything of this call but what the program itself had it say. */
function standsBefore(who: string, { wrapper, isolation, limits, cgroups, dumpsCore }: LocalPlan): boolean {
  if (who === STARTER) return wrapper.includes(STARTER) || limits.length + cgroups.length > 0 || dumpsCore;
  return who === "bwrap" ? isolation === "bwrap" : isolation === "unshare";
}

interface Started {
  readonly name: string;
  readonly program: string;
  /** Whether our own shell says it, whose name nobody else bears. */
  readonly isOurs: boolean;
}

/** The system's words for having nothing left. */
const EXHAUSTED =
  /Resource temporarily unavailable|Cannot allocate memory|No space left|Too many open files|Cannot fork/;

/**
 * The exit codes are those of shells (POSIX 2.8.2); 125 is our own. A program may use the same tools and fail by them, so only
 * what names this very program, or a lack of the system, counts.
 */
function faultOf(exitCode: number | null, text: string, { name, program, isOurs }: Started): Refusal | undefined {
  const words = plainText(text);
  const isNamed = isOurs || text.includes(` ${program}: `);
  if (isNamed && (exitCode === 127 || (exitCode === 1 && /^execvp .*No such file/.test(text))))
    return refuse("program.missing", `${name} could not be started: it, or an interpreter it needs, does not exist`);
  if (isNamed && (exitCode === 126 || (exitCode === 1 && text.startsWith("execvp "))))
    return refuse("program.not_executable", `${name} cannot be executed: ${words}`);
  // A shell that cannot fork ends with 2.
  const isStart = exitCode === 1 || exitCode === 2 || exitCode === 125;
  if (isStart && (EXHAUSTED.test(text) || (isOurs && exitCode === 125)))
    return refuse("resource.exhausted", `the program got no place of its own to run in: ${words}; try again`);
  return undefined;
}
