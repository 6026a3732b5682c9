import { ownerId } from "../../base/owner.ts";
import type { ImageFacts } from "../../containers/facts.ts";
import type { LimitName } from "../ability.ts";
import { CALL, HOME, OWNER, machineLabels } from "./labels.ts";
import { type ContainerPlan, HOSTNAME } from "./plan.ts";
import type { PlannedMount } from "./sources.ts";

/** Of all cores together, in microseconds of each period: the kernel takes no smaller quota. */
const LEAST_QUOTA = 1000;
const PERIOD = 100_000;

/** What stands before the program inside, and counts as one of its processes. */
export const INIT_PROCESSES = 1;

/** Where a container is made. */
export interface Site {
  readonly image: ImageFacts;
  /** Whom it runs as. */
  readonly user: string;
  /** The private files of its call. */
  readonly files: readonly PlannedMount[];
  /** The container that we run in ourselves. */
  readonly home: string | null;
}

/** What the engine is asked to create for a plan (API 1.41, ContainerCreate). */
export function specOf(plan: ContainerPlan, { image, user, files, home }: Site): object {
  const [program, ...args] = plan.argv;
  const { share } = plan.settings;
  return {
    // Not by its name, which may be another image's by now: the user was decided for this one.
    Image: image.id,
    Entrypoint: [program],
    Cmd: args,
    Env: plan.env.map(({ name, value }) => `${name}=${value}`),
    ...(plan.cwd === null ? {} : { WorkingDir: plan.cwd }),
    User: user,
    ...(share.includes("uts") || plan.settings.network === "host" ? {} : { Hostname: HOSTNAME }),
    Labels: labelsOf(plan, home),
    Tty: false,
    AttachStdin: plan.stdin !== null,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: plan.stdin !== null,
    StdinOnce: plan.stdin !== null,
    HostConfig: hostConfig(plan, files),
  };
}

/** What the engine is asked to create where files of an image are looked at; it is never started. */
export function probeOf(plan: ContainerPlan, { image, home }: Pick<Site, "image" | "home">): object {
  return {
    Image: image.id,
    // Some images have no program, and some a user that they do not have.
    Entrypoint: ["-"],
    User: "0",
    Labels: labelsOf(plan, home),
    HostConfig: { NetworkMode: "none", LogConfig: { Type: "none" } },
  };
}

/** By these, and by nothing else, a container is known to be ours. */
function labelsOf({ callId, tool }: ContainerPlan, home: string | null): Readonly<Record<string, string>> {
  return {
    ...machineLabels(),
    [OWNER]: ownerId(),
    [CALL]: callId,
    "mcpfier.command": tool,
    ...(home === null ? {} : { [HOME]: home }),
  };
}

function hostConfig({ settings, mounts, limits }: ContainerPlan, files: readonly PlannedMount[]): object {
  const limitOf = (name: LimitName): number | undefined => limits.find((each) => each.name === name)?.value;
  const [memory, cpu, processes] = [limitOf("memory"), limitOf("cpu"), limitOf("processes")];
  const { share } = settings;
  return {
    Init: true,
    LogConfig: { Type: "none" },
    AutoRemove: false,
    NetworkMode: settings.network,
    ReadonlyRootfs: settings.readOnly,
    Tmpfs: Object.fromEntries(
      Object.entries(settings.tmpfs).map(([path, size]) => [path, `rw,nosuid,nodev,exec,mode=1777,size=${size}`]),
    ),
    Mounts: [...mounts, ...files].map(mountOf),
    CapDrop: ["ALL"],
    CapAdd: settings.capabilities,
    SecurityOpt: ["no-new-privileges"],
    Privileged: settings.privileged,
    ...(share.includes("pid") ? { PidMode: "host" } : {}),
    ...(share.includes("ipc") ? { IpcMode: "host" } : {}),
    ...(share.includes("uts") ? { UTSMode: "host" } : {}),
    // The server outlives what it runs where memory runs out, as with local commands.
    OomScoreAdj: 500,
    // No swap besides: the limit is one of memory.
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(cpu === undefined ? {} : { CpuPeriod: PERIOD, CpuQuota: Math.max(LEAST_QUOTA, Math.round(cpu * PERIOD)) }),
    ...(processes === undefined ? {} : { PidsLimit: processes + INIT_PROCESSES }),
    Ulimits: [
      { Name: "core", Soft: 0, Hard: 0 },
      ...ulimit("nofile", limitOf("open_files")),
      ...ulimit("fsize", limitOf("file_size")),
    ],
  };
}

function mountOf({ kind, source, target, readOnly }: PlannedMount): object {
  return { Type: kind, Source: source, Target: target, ReadOnly: readOnly };
}

function ulimit(name: string, value: number | undefined): readonly object[] {
  return value === undefined ? [] : [{ Name: name, Soft: value, Hard: value }];
}
