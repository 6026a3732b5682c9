import type { LimitName } from "./limit.ts";

/** How a local command can be held together, the strongest first. */
export type ContainmentName = "bwrap" | "unshare" | "cgroup" | "group";

/** What a limit is enforced by; null: by nothing. */
export type Enforcement = "cgroup" | "rlimit" | null;

/** How this host can contain a local command, and which limits it can enforce; found once, by trying. Plain data. */
export interface Ability {
  readonly containment: ContainmentName;
  /** The program and its options that stand before a command in a namespace; empty without one. */
  readonly wrapper: readonly string[];
  readonly limits: Readonly<Record<LimitName, Enforcement>>;
}
