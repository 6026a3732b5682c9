import { lazy } from "../base/lazy.ts";
import { discover } from "../catalogue/discover.ts";
import type { Client } from "../setup/client.ts";
import { urlIn } from "../setup/entry.ts";
import { givenIn } from "../setup/given.ts";
import { type Remembered, remember } from "../setup/ledger.ts";
import { runningOf } from "../setup/running.ts";
import { environmentOf, tryEntry } from "../setup/start.ts";
import { load } from "./open.ts";
import { type Done, isChange } from "./registration-report.ts";
import type { Context } from "./verb.ts";
import { writeStep } from "./write-step.ts";

/** Writes what was planned, starts what stands there then, and notes what became of it. */
export async function carryOut(
  context: Context,
  planned: readonly Done[],
  scope: "user" | "project",
): Promise<readonly Done[]> {
  const { host, cwd, version } = context;
  const done: Done[] = [];
  // All desktops give the same.
  const lackingOnDesktop = lazy(() => lackingIn(context));
  for (const each of planned) {
    const { client } = each.step;
    const isToWrite = isChange(each.step);
    if (isToWrite) warnOf(context, client, await runningOf(client, host.platform));
    const written: Done = isToWrite ? { ...each, ...(await writeStep(host, each.step, scope)) } : each;
    const { step, fault } = written;
    if (fault !== undefined || step.action === "manual" || !step.entry) done.push(written);
    else {
      const started = await tryEntry(client, step.entry, { ...host, cwd, version });
      const isStarted = client.starts !== "terminal" && urlIn(client, step.entry) === undefined && "tools" in started;
      done.push({ ...written, started, lacking: isStarted ? await lackingOnDesktop() : [] });
    }
  }
  await note(context, done);
  return done;
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

/** For `mcpfier clients` and `mcpfier doctor`; that it cannot be noted is no reason to fail. */
async function note({ host, stderr }: Context, done: readonly Done[]): Promise<void> {
  const at = new Date().toISOString();
  const rows = done.flatMap(
    ({ step: { client, file, wish, entry }, started, origin = null }): readonly Remembered[] => {
      if (!started || !entry) return [];
      const tools = "tools" in started ? started.tools : null;
      return [{ client: client.id, file, name: wish.name, at, tools, given: givenIn(client, entry), origin }];
    },
  );
  const gone = done.flatMap(
    ({
      step: {
        client,
        file,
        wish: { name },
        entry,
        action,
      },
      fault,
    }) => (!entry && action !== "manual" && fault === undefined ? [{ client: client.id, file, name }] : []),
  );
  await remember(host, rows, gone).catch((error: unknown) => {
    stderr.write(`mcpfier: warning: what was registered could not be noted: ${(error as Error).message}\n`);
  });
}
