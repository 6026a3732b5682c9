/** What an engine tells of itself. */
export interface DaemonInfo {
  readonly name: string;
  readonly version: string;
  readonly os: string;
  readonly arch: string;
  readonly isRootless: boolean;
  /** Whether a user inside is another one outside (`userns-remap`). */
  readonly isRemapped: boolean;
  readonly isPodman: boolean;
  /** The folder in which it keeps images and containers. */
  readonly root: string;
  readonly cgroupVersion: string;
  /** Which limits it can enforce. */
  readonly memory: boolean;
  readonly cpu: boolean;
  readonly pids: boolean;
}

export interface ImageFacts {
  readonly id: string;
  readonly bytes: number;
  /** As the image says it; "" is root. */
  readonly user: string;
  readonly env: readonly string[];
  readonly workdir: string;
}

export interface ContainerFacts {
  readonly status: string;
  readonly isRunning: boolean;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface Listed {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

type Json = Readonly<Record<string, unknown>>;

export function infoIn(answer: unknown): DaemonInfo {
  const it = object(answer);
  const options = texts(it["SecurityOptions"]);
  return {
    name: text(it["Name"]),
    version: text(it["ServerVersion"]),
    os: text(it["OSType"]),
    arch: text(it["Architecture"]),
    isRootless: it["Rootless"] === true || options.some((option) => /^(?:name=)?rootless\b/.test(option)),
    isRemapped: options.some((option) => /^(?:name=)?userns\b/.test(option)),
    // Podman does not name itself, but only it has this word (its pkg/api/handlers/types.go).
    isPodman: text(it["BuildahVersion"]) !== "",
    root: text(it["DockerRootDir"]),
    cgroupVersion: text(it["CgroupVersion"]),
    memory: it["MemoryLimit"] === true,
    cpu: it["CpuCfsQuota"] === true,
    pids: it["PidsLimit"] === true,
  };
}

export function imageIn(answer: unknown): ImageFacts {
  const it = object(answer);
  const config = object(it["Config"]);
  return {
    id: text(it["Id"]),
    bytes: number(it["Size"]) ?? 0,
    user: text(config["User"]),
    env: texts(config["Env"]),
    workdir: text(config["WorkingDir"]),
  };
}

export function containerIn(answer: unknown): ContainerFacts {
  const state = object(object(answer)["State"]);
  return {
    status: text(state["Status"]),
    isRunning: state["Running"] === true,
    exitCode: number(state["ExitCode"]),
    oomKilled: state["OOMKilled"] === true,
    startedAt: text(state["StartedAt"]),
    finishedAt: text(state["FinishedAt"]),
  };
}

export function pidsIn(answer: unknown): number | null {
  return number(object(object(answer)["pids_stats"])["current"]);
}

export function listedIn(answer: unknown): readonly Listed[] {
  return array(answer).map((each) => {
    const it = object(each);
    const labels = Object.entries(object(it["Labels"])).map(([name, value]) => [name, text(value)]);
    return {
      id: text(it["Id"]),
      labels: Object.fromEntries(labels) as Record<string, string>,
      state: text(it["State"]),
    };
  });
}

/** The exit code in the answer to a wait; null: it holds none. */
export function exitCodeIn(answer: unknown): number | null {
  return number(object(answer)["StatusCode"]);
}

/** null: it is not JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

/** An engine leaves out or nulls what is empty; what is of another kind counts as empty. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return array(value).filter((each) => typeof each === "string");
}
