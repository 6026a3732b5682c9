import { dirname, join } from "node:path";
import type { Host } from "../base/host.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import { inheritedSecrets, inheritedVariables } from "../command/environment.ts";
import { lookUp } from "../command/lookup.ts";
import { render } from "../command/render.ts";
import { limitHit, makeCgroups, removeCgroups, sweepCgroups } from "./cgroup.ts";
import { type CgroupWish, homesOf, planCgroups } from "./cgroup-home.ts";
import { type CallIO, type Ending, type Executor, type PlanContext, UNSEEN } from "./executor.ts";
import { launch } from "./launch.ts";
import type { LimitName } from "./ability.ts";
import { fileLimitHit, planLimits } from "./limit.ts";
import type { LocalPlan } from "./local-plan.ts";
import { privateFolder, removeFolder, sweepFolders } from "./private-folder.ts";
import { abilityOf } from "./probe.ts";
import { checkFolder, checkProgram, missing, secretArguments, shellArgv } from "./program.ts";
import { watchStart } from "./start-fault.ts";
import { type Starter, createStarter } from "./starter.ts";
import { ownEnd, reportedEnd, runningChild, superviseProcess } from "./supervise.ts";
import { MARKER, markerOf, sweepCall, sweepOrphans, sweepWaiting } from "./sweep.ts";
import { system } from "./system.ts";
import { treeOf } from "./tree.ts";
import { unready } from "./unready.ts";

/** Runs commands on this machine, each contained as far as the host allows, with stdin closed unless the command sets it. */
export function createLocalExecutor(host: Host): Executor<LocalPlan> {
  const starter = createStarter();
  return {
    name: "local",
    plan: planLocal,
    run: (plan, io) => runLocal(starter, plan, io),
    close: async () => {
      sweepWaiting();
      await starter.close();
    },
    sweep: async () => {
      sweepOrphans();
      for (const { top, version } of homesOf((await abilityOf(host)).cgroups)) await sweepCgroups(top, version);
      await sweepFolders();
    },
  };
}

function planLocal(command: Command, values: Values, context: PlanContext): LocalPlan {
  const { host, callId, ability } = context;
  const rendering = render(command, values, { callId, filePath: (name) => join(privateFolder(callId), name) });
  const inherited = inheritedVariables(command.env, host, context.path);
  const env = new Map(inherited.map((variable) => [variable.name, variable]));
  env.set("NO_COLOR", { name: "NO_COLOR", value: "1", from: "mcpfier" });
  for (const variable of rendering.variables) env.set(variable.name, variable);
  env.set(MARKER, { name: MARKER, value: markerOf(callId), from: "mcpfier" });
  if (!env.has("PWD")) env.set("PWD", { name: "PWD", value: rendering.cwd, from: "mcpfier" });
  const { program } = command;
  const path = env.get("PATH")?.value ?? "";
  const isolation = command.isolation === "group" ? "group" : ability.containment;
  const limits = planLimits(command, ability);
  return {
    executor: "local",
    tool: command.name,
    callId,
    isolation,
    wrapper: isolation === "group" ? [] : ability.wrapper,
    limits,
    cgroups: planCgroups(ability.cgroups, { ...grouped(limits), whole: isolation === "cgroup" }, callId),
    dumpsCore: ability.dumpsCore,
    idleTimeoutMs: command.idleTimeoutMs,
    program: program.path ?? foundNow(program.kind === "argv" ? program.name : program.shell, path),
    argv:
      program.kind === "argv"
        ? [program.name, ...rendering.args]
        : [...shellArgv(program), command.name, ...rendering.args],
    cwd: rendering.cwd,
    env: [...env.values()],
    stdin: rendering.stdin,
    files: rendering.files,
    timeoutMs: command.timeoutMs,
    secrets: [...context.secrets, ...inheritedSecrets(inherited), ...secretArguments(command, values)],
  };
}

function grouped(limits: LocalPlan["limits"]): Omit<CgroupWish, "whole"> {
  const of = (name: LimitName): number | null =>
    limits.find((each) => each.name === name && each.by === "cgroup")?.value ?? null;
  return { memory: of("memory"), cpu: of("cpu"), processes: of("processes") };
}

/** A program that was installed after the catalogue was loaded. */
function foundNow(name: string, path: string): string | null {
  const found = lookUp(name, path);
  return "path" in found ? found.path : null;
}

async function runLocal(starter: Starter, plan: LocalPlan, io: CallIO): Promise<Ending> {
  const program = plan.program ?? missing(plan);
  checkProgram(program, plan);
  checkFolder(plan.cwd);
  const folder = plan.files[0] ? dirname(plan.files[0].path) : undefined;
  try {
    if (folder !== undefined) await writeFiles(folder, plan);
    makeGroups(plan);
    return await start(starter, program, plan, io);
  } finally {
    if (folder !== undefined) await removeFolder(folder, plan.callId);
    await removeCgroups(plan.cgroups, plan.callId);
  }
}

async function writeFiles(folder: string, { files }: LocalPlan): Promise<void> {
  try {
    await system.mkdir(folder, { mode: 0o700 });
    for (const file of files) await system.writeFile(file.path, file.content, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw unready("the private file of an argument cannot be written", error);
  }
}

function makeGroups({ cgroups }: LocalPlan): void {
  try {
    makeCgroups(cgroups);
  } catch (error) {
    throw unready("the control group that holds the program cannot be made", error);
  }
}

async function start(starter: Starter, program: string, plan: LocalPlan, io: CallIO): Promise<Ending> {
  const marker = markerOf(plan.callId);
  const child = await starter.start(launch(plan, program), plan, io.signal);
  if (!child) {
    sweepCall(marker);
    return { ...UNSEEN, lost: GONE };
  }
  const watched = watchStart(io);
  const tree = treeOf({ ...plan, pid: child.pid, marker });
  const running = runningChild(child);
  let isLost = false;
  const ending = await superviseProcess({
    ...watched.io,
    program: {
      ...running,
      onExit: (told) =>
        running.onExit((exitCode, signal) => {
          isLost = exitCode === null && signal === null;
          if (isLost) tree.kill();
          told(exitCode, signal);
        }),
    },
    tree,
    timeoutMs: plan.timeoutMs,
    idleTimeoutMs: plan.idleTimeoutMs,
    endOf: plan.wrapper.length > 0 ? reportedEnd : ownEnd,
  });
  if (isLost) return { ...UNSEEN, stopped: ending.stopped, lost: GONE };
  if (ending.stopped === null) watched.check(plan, ending);
  return {
    ...ending,
    lost: null,
    limit: limitHit(plan.cgroups) ?? fileLimitHit(plan, ending),
    loose: plan.isolation === "group" && (ending.stopped !== null || ending.incomplete),
  };
}

const GONE =
  "the process that starts programs for mcpfier ended while the command ran, and what was left of the command was killed";
