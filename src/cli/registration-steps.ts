import { lazy } from "../base/lazy.ts";
import { discover } from "../catalogue/discover.ts";
import type { Client } from "../setup/client.ts";
import { urlIn } from "../setup/entry.ts";
import { rememberStart } from "../setup/ledger.ts";
import type { Step } from "../setup/plan.ts";
import { runningOf } from "../setup/running.ts";
import { type Started, environmentOf, tryEntry } from "../setup/start.ts";
import { load } from "./open.ts";
import { type Done, isChange } from "./registration-report.ts";
import type { Context } from "./verb.ts";
import { writeStep } from "./write-step.ts";

/** Writes what was planned, and notes it; starts what stands there then. A signal ends that before the next one. */
export async function carryOut(
  context: Context,
  planned: readonly Done[],
  scope: "user" | "project",
  signal: AbortSignal,
): Promise<readonly Done[]> {
  const { host } = context;
  const done: Done[] = [];
  // All desktops give the same.
  const lackingOnDesktop = lazy(() => lackingIn(context));
  for (const each of planned) {
    if (signal.aborted) break;
    const { client, action } = each.step;
    if (isChange(each.step)) warnOf(context, client, await runningOf(client, host.platform));
    const written: Done = action === "manual" ? each : { ...each, ...(await writeStep(host, each.step, scope)) };
    if (written.unnoted !== undefined) unnoted(context, written.unnoted);
    const { step, fault } = written;
    const started = fault === undefined ? await startOf(context, step, signal) : undefined;
    if (!started) done.push(written);
    else {
      const isDesktop = client.starts !== "terminal" && step.entry !== null && urlIn(client, step.entry) === undefined;
      const isFound = !isDesktop || !("tools" in started);
      done.push({ ...written, started, lacking: isFound ? [] : await lackingOnDesktop() });
    }
  }
  return done;
}

/** undefined: nothing is to be started, or its end was not waited for. */
async function startOf(context: Context, step: Step, signal: AbortSignal): Promise<Started | undefined> {
  const { client, file, entry, action, wish } = step;
  const { host, cwd, version } = context;
  if (action === "manual" || !entry || signal.aborted) return undefined;
  const started = await tryEntry(client, entry, { ...host, cwd, version }, signal);
  if (signal.aborted) return undefined;
  const tools = "tools" in started ? started.tools : null;
  await rememberStart(host, { client: client.id, file, name: wish.name }, tools).catch((error: unknown) => {
    unnoted(context, (error as Error).message);
  });
  return started;
}

/** `mcpfier clients` and `mcpfier doctor` will not know it, which is no reason to fail. */
function unnoted({ stderr }: Context, why: string): void {
  stderr.write(`mcpfier: warning: what was done could not be noted: ${why}\n`);
}

function warnOf({ stderr }: Context, { name }: Client, running: string | undefined): void {
  if (running === undefined) return;
  stderr.write(
    `mcpfier: warning: ${name} runs (${running}), and may write its own file over this one when it ends: quit it fully, from the tray too, then see by \`mcpfier clients\` whether the entry is still there\n`,
  );
}

/** What is missing on the PATH of servers of a desktop, and is not on that of a terminal. */
async function lackingIn(context: Context): Promise<readonly string[]> {
  const env = environmentOf("desktop", context.host);
  const found = discover(context.global.config, context.host, context.cwd);
  if (!("file" in found)) return [];
  const [here, there] = await Promise.all([
    load(context, found.file),
    load({ ...context, host: { ...context.host, env, path: env["PATH"] ?? "" } }, found.file),
  ]);
  const known = new Set(here.problems.map(({ message }) => message));
  const lacking = there.problems.filter(({ rule, message }) => rule === "program-missing" && !known.has(message));
  return [...new Set(lacking.map(({ message }) => message))];
}
