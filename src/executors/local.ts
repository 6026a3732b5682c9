import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lazy } from "../base/lazy.ts";
import { refuse } from "../base/refusal.ts";
import { statOf } from "../base/stat.ts";
import type { Values } from "../command/arguments.ts";
import type { Command, ShellProgram } from "../command/command.ts";
import { inheritedSecrets, inheritedVariables } from "../command/environment.ts";
import { lookUp } from "../command/lookup.ts";
import { render, textOf } from "../command/render.ts";
import type { CallIO, Ending, Executor, PlanContext } from "./executor.ts";
import type { LocalPlan } from "./plan.ts";
import { superviseProcess } from "./supervise.ts";

const library = lazy(() => import("execa"));

/** Runs commands on this machine, each in a process group of its own, with stdin closed unless the command sets it. */
export const localExecutor: Executor<LocalPlan> = { name: "local", plan: planLocal, run: runLocal };

function planLocal(command: Command, values: Values, context: PlanContext): LocalPlan {
  const { host, callId } = context;
  const rendering = render(command, values, { callId, filePath: (name) => join(tmpdir(), `mcpfier-${callId}`, name) });
  const inherited = inheritedVariables(command.env, host, context.path);
  const env = new Map(inherited.map((variable) => [variable.name, variable]));
  env.set("NO_COLOR", { name: "NO_COLOR", value: "1", from: "mcpfier" });
  for (const variable of rendering.variables) env.set(variable.name, variable);
  const { program } = command;
  const path = env.get("PATH")?.value ?? "";
  return {
    executor: "local",
    tool: command.name,
    callId,
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

/** A program that was installed after the catalogue was loaded. */
function foundNow(name: string, path: string): string | null {
  const found = lookUp(name, path);
  return "path" in found ? found.path : null;
}

/** The script is one constant argument; what follows it is `$0`, then `"$@"`. */
function shellArgv({ shell, script }: ShellProgram): readonly [string, ...string[]] {
  if (shell === "bash") return ["bash", "--noprofile", "--norc", "-c", script];
  return shell === "pwsh" ? ["pwsh", "-NoProfile", "-NonInteractive", "-Command", script] : ["sh", "-c", script];
}

function secretArguments(command: Command, values: Values): readonly string[] {
  const secret = command.params.filter((parameter) => parameter.secret && values.has(parameter.name));
  return secret.flatMap(({ name }) => [values.get(name)].flat().map(textOf));
}

async function runLocal(plan: LocalPlan, io: CallIO): Promise<Ending> {
  const program = plan.program ?? missing(plan);
  checkFolder(plan.cwd);
  const folder = plan.files[0] ? dirname(plan.files[0].path) : undefined;
  try {
    if (folder !== undefined) await writeFiles(folder, plan);
    return await spawn(program, plan, io);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, { files }: LocalPlan): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    for (const file of files) await writeFile(file.path, file.content, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse("spawn.failed", `the private file of an argument cannot be written: ${why}`);
  }
}

async function spawn(program: string, plan: LocalPlan, io: CallIO): Promise<Ending> {
  const { execa } = await library();
  const subprocess = execa(program, plan.argv.slice(1), {
    cwd: plan.cwd,
    env: Object.fromEntries(plan.env.map(({ name, value }) => [name, value])),
    extendEnv: false,
    reject: false,
    buffer: false,
    detached: true,
    cleanup: false,
    stripFinalNewline: false,
    ...(plan.stdin === null ? { stdin: "ignore" } : { input: plan.stdin }),
  });
  const { nodeChildProcess } = subprocess;
  if (nodeChildProcess.pid === undefined) throw spawnFault((await subprocess).code, plan);
  // execa's own promise waits for the end of the pipes, which a grandchild may hold for ever.
  subprocess.catch(() => undefined);
  return superviseProcess({ ...io, process: nodeChildProcess, pid: nodeChildProcess.pid, timeoutMs: plan.timeoutMs });
}

function missing(plan: LocalPlan): never {
  const name = plan.argv[0];
  const path = plan.env.find((variable) => variable.name === "PATH")?.value ?? "";
  const found = lookUp(name, path);
  if ("fault" in found && found.fault === "not_executable")
    throw refuse(
      "program.not_executable",
      `${name} is there, but cannot be executed; give it the permission, or correct the catalogue`,
    );
  throw refuse(
    "program.missing",
    name.includes("/")
      ? `there is no program ${name}`
      : `${name} was not found in PATH (${path}); install it, or set PATH for the command`,
  );
}

function checkFolder(cwd: string): void {
  const isFolder = statOf(cwd)?.isDirectory() === true;
  if (!isFolder) throw refuse("cwd.missing", `the working directory ${cwd} does not exist or is not a folder`);
}

function spawnFault(code: string | undefined, plan: LocalPlan): Error {
  const name = plan.argv[0];
  if (code === "ENOENT")
    return refuse("program.missing", `${name} could not be started: it, or the interpreter it names, does not exist`);
  if (code === "EACCES" || code === "ENOEXEC")
    return refuse("program.not_executable", `${name} cannot be executed (${code})`);
  if (code === "E2BIG")
    return refuse(
      "arguments.too_large",
      "all arguments and environment variables together are longer than the system passes on",
    );
  if (code === "EMFILE" || code === "ENFILE" || code === "EAGAIN" || code === "ENOMEM")
    return refuse("resource.exhausted", `the system cannot start another process now (${code}); try again`);
  return refuse("spawn.failed", `the system refused to start ${name} (${code ?? "no reason given"})`);
}
