import { constants } from "node:os";
import { refuse } from "../base/refusal.ts";
import type { Command, Limits } from "../command/command.ts";
import type { Ability, Enforcement, LimitName } from "./ability.ts";

/** A limit of one call, and what enforces it here. */
export interface PlannedLimit {
  readonly name: LimitName;
  /** Bytes, cores or a number. */
  readonly value: number;
  readonly by: Enforcement;
}

/** The limits of a command that are set; with `strict` it is refused where this host cannot enforce one of them. */
export function planLimits(command: Command, ability: Ability): readonly PlannedLimit[] {
  const limits = limitsOf(command, ability);
  const missing = command.limits.strict ? limits.filter(isWeak) : [];
  if (missing.length > 0)
    throw refuse(
      "limits.unenforceable",
      `this host cannot enforce ${missing.map(({ name }) => `limits.${name}`).join(" and ")}, and \`strict\` asks for it; \`mcpfier doctor\` tells what it lacks`,
    );
  return limits;
}

/** The limits of a command that are set, with what enforces them here. */
export function limitsOf({ limits, isolation, container }: Command, ability: Ability): readonly PlannedLimit[] {
  const enforced = container ? INSIDE : ability.limits;
  return settingsOf(limits).map(([name, value]) => {
    const by = enforced[name];
    // A user's processes are counted together, but for those in a namespace of their own.
    return { name, value, by: name === "processes" && by === "rlimit" && isolation === "group" ? null : by };
  });
}

/** What an engine enforces limits by; one that cannot is asked before each call. */
const INSIDE: Ability["limits"] = {
  memory: "cgroup",
  cpu: "cgroup",
  processes: "cgroup",
  open_files: "rlimit",
  file_size: "rlimit",
};

/** Whether any limit is set that the host must enforce. */
export function hasLimits({ limits }: Command): boolean {
  return settingsOf(limits).length > 0;
}

/** Whether a limit means less here than the catalogue says: nothing enforces it, or only for each process by itself. */
export function isWeak({ name, by }: PlannedLimit): boolean {
  return by === null || (name === "memory" && by === "rlimit");
}

function settingsOf(limits: Limits): readonly (readonly [LimitName, number])[] {
  const all = {
    memory: limits.memory,
    cpu: limits.cpu,
    processes: limits.processes,
    open_files: limits.openFiles,
    file_size: limits.fileSize,
  } satisfies Record<LimitName, number | null>;
  return Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name as LimitName, value] as const]));
}

/** A shell tells of the signal that ended what it ran last by its own exit code. */
export function fileLimitHit(
  { limits }: { readonly limits: readonly PlannedLimit[] },
  { exitCode }: { readonly exitCode: number | null },
): "file_size" | null {
  return exitCode === 128 + constants.signals.SIGXFSZ && limits.some(({ name }) => name === "file_size")
    ? "file_size"
    : null;
}
