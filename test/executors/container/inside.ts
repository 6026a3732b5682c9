// Commands in containers of the run's Docker, through an engine in this process.
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../../src/base/host.ts";
import type { Ran } from "../../../src/pipeline/call.ts";
import { OWNER } from "../../../src/executors/container/labels.ts";
import { type Listed, containersOf, docker, engineHost } from "../../engines.ts";
import { atEnd, engineOf, folder, host } from "../../rig.ts";
import { catalogueOf } from "../variants.ts";

export const engine = await engineHost();
const dockerHost: Host = { ...host, env: { ...host.env, DOCKER_HOST: engine } };

export interface Said {
  readonly kind: Ran["kind"];
  readonly exitCode: number | null;
  readonly limit: string | null;
  /** Without the space around them. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Where {
  readonly folder?: string;
  readonly host?: Host;
}

/** A caller of commands; fails, with the problems, when one was refused. */
export async function commands(
  all: Readonly<Record<string, object>>,
  { folder: at = folder(), host: on = dockerHost }: Where = {},
): Promise<(tool: string, args?: object) => Promise<Said>> {
  const { call } = await engineOf(catalogueOf(all), { folder: at, host: on });
  return async (tool, args = {}) => {
    const outcome = await call({ tool, arguments: args });
    if (!("stdout" in outcome && "exitCode" in outcome)) throw new Error(`${tool}: ${JSON.stringify(outcome)}`);
    const { kind, exitCode, limit, stdout, stderr } = outcome;
    return { kind, exitCode, limit, stdout: textOf(stdout), stderr: textOf(stderr) };
  };
}

function textOf({ head, tail }: Ran["stdout"]): string {
  return Buffer.concat([head, tail]).toString().trim();
}

/** A shell script in a container of busybox, unless `container` says otherwise. */
export function script(run: string, container: object = {}, more: object = {}): object {
  return { shell: "sh", run, container: { image: "mcpfier/busybox:test", ...container }, ...more };
}

/** Says what scripts, each in a container with settings of its own, print and how they end. */
export async function inside(
  scripts: Readonly<Record<string, readonly [run: string, container?: object, more?: object]>>,
  where: Where = {},
): Promise<Readonly<Record<string, Said>>> {
  const names = Object.keys(scripts);
  const call = await commands(
    Object.fromEntries(Object.entries(scripts).map(([name, [run, ...rest]]) => [name, script(run, ...rest)])),
    where,
  );
  const said = await Promise.all(names.map((name) => call(name)));
  return Object.fromEntries(names.map((name, at) => [name, said[at] as Said]));
}

/** An image made of another one by a script that root runs in it; gone after the test. */
export async function imageOf(base: string, run: string, ...changes: readonly string[]): Promise<string> {
  const name = `mcpfier/made:${crypto.randomUUID()}`;
  const id = crypto.randomUUID();
  await docker(engine, "run", `--name=${id}`, "--network=none", `mcpfier/${base}:test`, "sh", "-ec", run);
  atEnd(() => docker(engine, "rm", "--force", id));
  await docker(engine, "commit", ...changes.map((change) => `--change=${change}`), id, name);
  atEnd(() => docker(engine, "rmi", "--force", name));
  return name;
}

/** The containers, running or not, of one process of mcpfier. */
export async function containersOfProcess(pid: number | undefined): Promise<readonly Listed[]> {
  const all = await containersOf(engine, OWNER);
  return all.filter(({ Labels }) => Labels[OWNER]?.startsWith(`${pid}-`));
}

/** Asks until the answer is right; fails with the last one after 20 s. */
export async function becomes<Answer>(
  ask: () => Promise<Answer>,
  isRight: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`it stays ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}
