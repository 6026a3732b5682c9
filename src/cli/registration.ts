import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { claudeDesktop } from "../setup/clients/claude-desktop.ts";
import { entryOf, snippetOf } from "../setup/entry.ts";
import { frailtyOf, launchOf } from "../setup/launch.ts";
import { type Step, type Wish, planFor } from "../setup/plan.ts";
import { tryEntry } from "../setup/start.ts";
import { type Chosen, type Selection, choose } from "./chosen-clients.ts";
import { complain, load, locate } from "./open.ts";
import { plural } from "./print.ts";
import { type Done, asJson, tell } from "./registration-report.ts";
import { type Context, EXIT } from "./verb.ts";
import { writeStep } from "./write-step.ts";

/** What `mcpfier setup` was told. */
export interface SetupOptions extends Selection {
  readonly pass: readonly string[];
  readonly dryRun?: true;
  readonly check?: true;
  readonly print?: true;
  readonly json?: true;
}

/** Registers a catalogue in clients, or takes it out of them; gives the exit code. */
export async function register(context: Context, options: SetupOptions): Promise<number> {
  const wish = await wishOf(context, options);
  if (!wish) return EXIT.fatal;
  const isForShow = options.dryRun === true || options.check === true || options.print === true;
  if (options.print === true && options.client.length === 0) return print(context, wish, []);
  const chosen = await choose(context, { ...options, isForShow });
  if ("message" in chosen) {
    context.stderr.write(`mcpfier: ${chosen.message}\n`);
    return chosen.code;
  }
  if (options.print === true) return print(context, wish, chosen.clients);
  const planned: Done[] = [];
  for (const { client, place, evidence } of chosen.clients)
    planned.push({ step: await planFor(client, place, wish), evidence });
  if (!isForShow && options.yes !== true) {
    const refusal = await confirm(context, planned);
    if (refusal !== undefined) return refusal;
  }
  const done = isForShow ? planned : await carryOut(context, planned);
  const told = done.map((each) => tell(each, isForShow)).join("\n");
  context.stdout.write(options.json === true ? asJson(done) : told);
  if (options.json !== true && done.some(({ started }) => started)) context.stdout.write(UNDO);
  return exitCodeOf(done, options.check === true);
}

const UNDO = "\n`mcpfier setup --remove` takes it out again.\n";

/** undefined, and the reason on stderr, where there is nothing that should be registered. */
async function wishOf(context: Context, { name, pass, remove }: SetupOptions): Promise<Wish | undefined> {
  if (remove) return { name, launch: null };
  const file = locate(context);
  if (file === undefined) return undefined;
  const loaded = await load(context, file);
  if (!loaded.catalogue) {
    complain(context, loaded);
    return undefined;
  }
  const launch = launchOf({
    where: context.host,
    cwd: context.cwd,
    node: process.execPath,
    program: process.argv[1] ?? "",
    catalogue: file,
    workspace: context.global.workspace,
    pass,
  });
  const frailty = frailtyOf(launch);
  if (frailty !== undefined) context.stderr.write(`mcpfier: warning: ${frailty}\n`);
  return { name, launch };
}

function print({ stdout }: Context, { name, launch }: Wish, chosen: readonly Chosen[]): number {
  if (!launch) return EXIT.fine;
  // Most clients take what the first one does.
  const all = chosen.length === 0 ? [claudeDesktop] : chosen.map(({ client }) => client);
  for (const client of all) stdout.write(snippetOf(client, name, entryOf(client, launch)));
  return EXIT.fine;
}

/** Several files are written only when that was seen and wanted; otherwise the exit code. */
async function confirm({ stdin, stderr }: Context, planned: readonly Done[]): Promise<number | undefined> {
  const changing = planned.filter(({ step }) => isChange(step));
  if (changing.length < 2) return undefined;
  if (!stdin.isTTY || !stderr.isTTY) {
    const files = changing.map(({ step }) => `\n  ${step.client.name}: ${step.file}`).join("");
    stderr.write(`mcpfier: ${changing.length} files would change; --yes writes them, --dry-run shows how:${files}\n`);
    return EXIT.usage;
  }
  stderr.write(changing.map(({ step }) => step.diff).join("\n"));
  const terminal = createInterface({ input: stdin, output: stderr });
  // Who ends the input without an answer has answered too.
  const closed = once(terminal, "close").then(() => "");
  const answer = await Promise.race([
    terminal.question(`Write these ${plural(changing.length, "file")}? [y/N] `),
    closed,
  ]);
  terminal.close();
  if (/^y(?:es)?$/i.test(answer.trim())) return undefined;
  stderr.write("mcpfier: nothing was written\n");
  return EXIT.findings;
}

function isChange({ action }: Step): boolean {
  return action === "create" || action === "update" || action === "remove";
}

async function carryOut(context: Context, planned: readonly Done[]): Promise<readonly Done[]> {
  const done: Done[] = [];
  for (const each of planned) {
    const written = isChange(each.step) ? { ...each, ...(await writeStep(each.step)) } : each;
    const { client, entry, action } = each.step;
    const isThere = written.fault === undefined && action !== "manual" && entry !== null;
    const { host, cwd, version } = context;
    done.push(isThere ? { ...written, started: await tryEntry(client, entry, { ...host, cwd, version }) } : written);
  }
  return done;
}

function exitCodeOf(done: readonly Done[], isCheck: boolean): number {
  if (done.some(isBad)) return EXIT.fatal;
  return isCheck && done.some(({ step }) => isChange(step)) ? EXIT.findings : EXIT.fine;
}

function isBad({ step, fault, started }: Done): boolean {
  return step.action === "manual" || fault !== undefined || (started !== undefined && "fault" in started);
}
