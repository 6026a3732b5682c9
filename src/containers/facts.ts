/** What an engine tells of itself. */
export interface DaemonInfo {
  readonly name: string;
  readonly version: string;
  readonly os: string;
  readonly arch: string;
  readonly isRootless: boolean;
  readonly isPodman: boolean;
  readonly cgroupVersion: string;
  /** Which limits it can enforce. */
  readonly memory: boolean;
  readonly cpu: boolean;
  readonly pids: boolean;
}

export interface ImageFacts {
  readonly id: string;
  /** As the image says it; "" is root. */
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workdir: string;
}

export interface ContainerFacts {
  readonly status: string;
  readonly isRunning: boolean;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  /** Why it did not start, in the engine's words; "" when it did. */
  readonly error: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface Pids {
  readonly pids: number | null;
  readonly pidsLimit: number | null;
}

export interface Listed {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}
