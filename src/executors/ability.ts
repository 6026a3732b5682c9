/** What stops a program besides its timeout and its caller; the keys of `limits` in a catalogue. */
export type LimitName = "memory" | "cpu" | "processes" | "open_files" | "file_size";

/** How a local command is held together, the strongest first. */
export type ContainmentName = "bwrap" | "unshare" | "cgroup" | "group";

/** What a limit is enforced by; null: by nothing. */
export type Enforcement = "cgroup" | "rlimit" | null;

/** How this host can contain a local command, and which limits it can enforce; found once, by trying. Plain data. */
export interface Ability {
  readonly containment: ContainmentName;
  /** What stands before a command that gets a pid namespace; empty where the host allows none. */
  readonly wrapper: readonly string[];
  readonly limits: Readonly<Record<LimitName, Enforcement>>;
  readonly cgroups: CgroupHomes;
  /** Whether a command must be kept from dumping core when it is started; else our own process already may not. */
  readonly dumpsCore: boolean;
}

/** Where we may make control groups; `whole` is one whose members can be killed at once. Null where the host has none for us. */
export interface CgroupHomes {
  readonly memory: CgroupHome | null;
  readonly cpu: CgroupHome | null;
  readonly processes: CgroupHome | null;
  readonly whole: CgroupHome | null;
}

export interface CgroupHome {
  readonly version: 1 | 2;
  /** Where groups are made. */
  readonly base: string;
  /** The top of the hierarchy as it is mounted here. */
  readonly top: string;
}
