import { join } from "node:path";
import { refuse } from "../../base/refusal.ts";
import type { Values } from "../../command/arguments.ts";
import type { Command } from "../../command/command.ts";
import { type Container, enginesOf } from "../../command/container.ts";
import { type Variable, chosenVariables, inheritedSecrets } from "../../command/environment.ts";
import { type Rendering, render } from "../../command/render.ts";
import { type Shown, hiding, seenAt, standsAt } from "../../command/seen.ts";
import type { PlanContext } from "../executor.ts";
import { planLimits } from "../limit.ts";
import type { CallPlan } from "../call-plan.ts";
import { privateFolder } from "../private-folder.ts";
import { secretArguments, shellArgv } from "../program.ts";
import { MARKER, markerOf } from "../sweep.ts";
import { type PlannedMount, checkSources } from "./sources.ts";

/** What decides a call in a container. `argv`, `cwd` and the values of `env` are what the program sees inside. */
export interface ContainerPlan extends CallPlan, Housing {
  readonly executor: "container";
  /** Null: the image's. */
  readonly cwd: string | null;
  /** The folder of the host that `cwd` is, where a mount shows it. */
  readonly hostCwd: string | null;
  /** The file of the host that the program is, where a mount holds it. */
  readonly hostProgram: string | null;
}

/** What of a container is decided when it is made; the rest is its call's. */
export interface Housing extends Pick<CallPlan, "tool" | "limits"> {
  readonly image: string;
  readonly pull: Container["pull"];
  /** The `cwd` of every call; null: each call has its own. */
  readonly workdir: string | null;
  readonly mounts: readonly PlannedMount[];
  /** Null: the image's, and where that is root, `unprivileged`. */
  readonly user: string | null;
  readonly unprivileged: string;
  readonly allowRoot: boolean;
  readonly allowUnsafe: boolean;
  readonly settings: Pick<Container, "network" | "privileged" | "share" | "readOnly" | "tmpfs" | "capabilities">;
  /** Null: the one that the environment names. */
  readonly engines: readonly (string | null)[];
  readonly warm: number;
}

/** Nobody, where mcpfier itself is root. */
const NOBODY = "65534:65534";

export function planContainer(command: Command, values: Values, context: PlanContext): ContainerPlan {
  const { callId, host } = context;
  const container = containerOf(command);
  const housing = planHousing(command, values, context);
  const shown = shownIn(housing.mounts, container.tmpfs);
  const rendering = render(command, values, {
    callId,
    filePath: (name) => join(privateFolder(callId), name),
    inside: (path) => seenAt(path, shown),
  });
  const cwd = container.workdir ?? seenAt(rendering.cwd, shown);
  const inherited = chosenVariables(command.env, host);
  return {
    ...housing,
    executor: "container",
    callId,
    argv: argvOf(command, rendering, shown),
    cwd,
    hostCwd: cwd === null ? null : standsAt(cwd, shown),
    hostProgram: command.program.kind === "argv" ? command.program.path : null,
    env: variablesOf({ container, inherited, rendering, cwd, marker: markerOf(callId) }),
    stdin: rendering.stdin,
    files: rendering.files,
    timeoutMs: command.timeoutMs,
    idleTimeoutMs: command.idleTimeoutMs,
    secrets: [...context.secrets, ...inheritedSecrets(inherited), ...secretArguments(command, values)],
  };
}

export function planHousing(
  command: Command,
  values: Values,
  { host, ability }: Pick<PlanContext, "host" | "ability">,
): Housing {
  const container = containerOf(command);
  const mounts = planMounts(container, command, values);
  checkSources(mounts, container, host);
  return {
    tool: command.name,
    limits: planLimits(command, ability),
    image: container.image,
    pull: container.pull,
    workdir: container.workdir,
    mounts,
    user: container.user,
    unprivileged: ownUser(),
    allowRoot: container.allowRoot,
    allowUnsafe: container.allowUnsafe,
    settings: {
      network: container.network,
      privileged: container.privileged,
      share: container.share,
      readOnly: container.readOnly,
      tmpfs: container.tmpfs,
      capabilities: container.capabilities,
    },
    engines: enginesOf(container),
    warm: container.warm,
  };
}

function containerOf({ name, container }: Command): Container {
  if (!container) throw new Error(`${name} has no container`);
  return container;
}

/** The container's part of what a dry run shows. */
export function shownContainer(
  plan: ContainerPlan,
  clean: (text: string) => string,
): Readonly<Record<string, unknown>> {
  const { network, ...settings } = plan.settings;
  const nobody = `the image's, or ${plan.unprivileged} where that is root`;
  return {
    image: clean(plan.image),
    pull: plan.pull,
    user: plan.user === null ? (plan.allowRoot ? "the image's" : nobody) : clean(plan.user),
    mounts: plan.mounts.map(({ source, target, readOnly }) => clean(`${source}:${target}${readOnly ? ":ro" : ""}`)),
    network: clean(network),
    ...settings,
    engines: plan.engines.map((engine) => (engine === null ? "the default one" : clean(engine))),
    warm: plan.warm,
  };
}

/** A mount of a parameter that is absent is left out. */
function planMounts({ mounts }: Container, command: Command, values: Values): readonly PlannedMount[] {
  return mounts.flatMap(({ source, target, readOnly }): readonly PlannedMount[] => {
    if (source.kind === "volume") return [{ kind: "volume", source: source.name, target, readOnly }];
    const parts = source.path.map((part) => {
      if (typeof part === "string") return part;
      return part.param === "workspace" ? command.workspace : values.get(part.param);
    });
    return parts.every((part) => typeof part === "string")
      ? [{ kind: "bind", source: parts.join(""), target, readOnly }]
      : [];
  });
}

function shownIn(mounts: readonly PlannedMount[], tmpfs: Container["tmpfs"]): readonly Shown[] {
  const mounted = mounts.map(({ kind, source, target }) => ({ target, source: kind === "bind" ? source : null }));
  return [...mounted, ...hiding(tmpfs)];
}

/** The workspace as a program inside sees it; where no mount shows it, as it is on the host. */
export function workspaceIn({ workspace }: Command, { mounts, settings }: ContainerPlan): string {
  return seenAt(workspace, shownIn(mounts, settings.tmpfs)) ?? workspace;
}

function argvOf(command: Command, { args }: Rendering, shown: readonly Shown[]): readonly [string, ...string[]] {
  const { program } = command;
  if (program.kind === "shell") return [...shellArgv(program), command.name, ...args];
  const { name, path } = program;
  if (path === null) return [name, ...args];
  const seen = seenAt(path, shown);
  if (seen === null) throw refuse("path.outside", `no mount shows the program ${name} to the container`);
  return [seen, ...args];
}

interface Environment {
  readonly container: Container;
  readonly inherited: readonly Variable[];
  readonly rendering: Rendering;
  readonly cwd: string | null;
  readonly marker: string;
}

/** What the image sets stands below all of this. */
function variablesOf({ container, inherited, rendering, cwd, marker }: Environment): readonly Variable[] {
  return [
    ...new Map([
      own("HOSTNAME", HOSTNAME),
      own("NO_COLOR", "1"),
      own("TERM", "dumb"),
      // By this a program knows that it is in a container, and of whom; engines set it each in its own way, or not.
      own("container", "mcpfier"),
      // The init inside passes a signal on to the whole process group.
      own("TINI_KILL_PROCESS_GROUP", "1"),
      // Nothing else can be written there.
      ...(container.readOnly ? [own("HOME", "/tmp")] : []),
      ...(cwd === null ? [] : [own("PWD", cwd)]),
      ...named(inherited),
      ...named(rendering.variables),
      own(MARKER, marker),
    ]).values(),
  ];
}

function own(name: string, value: string): readonly [string, Variable] {
  return [name, { name, value, from: "mcpfier" }];
}

function named(variables: readonly Variable[]): readonly (readonly [string, Variable])[] {
  return variables.map((variable) => [variable.name, variable]);
}

/** The name of the host as a program inside sees it. */
export const HOSTNAME = "mcpfier";

/** What a container may do on the host is no more than what mcpfier itself may. */
function ownUser(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? NOBODY : `${uid}:${process.getgid?.() ?? uid}`;
}
