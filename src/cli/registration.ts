import { ENDING_SIGNALS } from "../base/signals.ts";
import { damageIn, originIn } from "../setup/ledger.ts";
import type { Place } from "../setup/place.ts";
import { type Step, type Wish, planFor } from "../setup/plan.ts";
import { type Chosen, type Selection, type Unchosen, choose } from "./chosen-clients.ts";
import { plural, printable } from "./print.ts";
import { printEntries } from "./registration-print.ts";
import { type Done, asJson, isChange, tell } from "./registration-report.ts";
import { type RegistrationOptions, USUAL_NAME } from "./registration-options.ts";
import { carryOut } from "./registration-steps.ts";
import { askForAll, askToWrite, canAsk } from "./setup-questions.ts";
import { type Context, EXIT } from "./verb.ts";
import { wishedStart } from "./wish.ts";

/** What `mcpfier setup` was told. */
export interface SetupOptions extends RegistrationOptions {
  readonly client: readonly string[];
  readonly pass: readonly string[];
  readonly all: boolean;
  readonly http: string | undefined;
  /** Nothing is written. */
  readonly isForShow: boolean;
  readonly check: boolean;
  readonly print: boolean;
  readonly remove: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  /** Whether anybody may be asked. */
  readonly input: boolean;
}

/** Registers a catalogue in clients, or takes it out of them; gives the exit code. */
export async function register(context: Context, options: SetupOptions): Promise<number> {
  const launch = await launchOf(context, options);
  if (launch === undefined) return EXIT.fatal;
  const damage = damageIn(context.host);
  if (damage !== undefined) context.stderr.write(`mcpfier: warning: ${damage}\n`);
  const name = options.name ?? USUAL_NAME;
  if (options.print && options.client.length === 0) return printEntries(context, { name, launch }, [], options.json);
  const chosen = await chosenBy(context, options);
  if (chosen === null) return interrupted(context);
  if ("message" in chosen) {
    context.stderr.write(`mcpfier: ${chosen.message}\n`);
    return chosen.code;
  }
  const wish: Wish = { name: chosen.name, launch };
  if (options.print) {
    const named = chosen.clients.map(({ client }) => client);
    return printEntries(context, wish, named, options.json);
  }
  const planned: Done[] = [];
  for (const { client, place, evidence } of chosen.clients)
    planned.push({ step: await planFor(client, place, wishFor(context, place, wish)), evidence });
  if (options.isForShow) {
    await report(context, planned, options, []);
    return exitCodeOf(planned, options.check);
  }
  const seen = options.yes ? [] : await confirm(context, planned, options.input, chosen.isAsked);
  if (typeof seen === "number") return seen;
  return perform(context, options, chosen, { planned, seen });
}

async function perform(
  context: Context,
  options: SetupOptions,
  chosen: Choice,
  { planned, seen }: { readonly planned: readonly Done[]; readonly seen: readonly Step[] },
): Promise<number> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  for (const name of ENDING_SIGNALS) process.once(name, stop);
  const done = await carryOut(context, planned, chosen.scope, abort.signal);
  for (const name of ENDING_SIGNALS) process.off(name, stop);
  await report(context, done, options, seen);
  if (!options.json) context.stdout.write(undoOf(done, chosen));
  if (!abort.signal.aborted) return exitCodeOf(done, options.check);
  context.stderr.write(`mcpfier: ${stoppedAt(done, planned.length)}\n`);
  return EXIT.interrupted;
}

async function report(
  { stdout }: Context,
  done: readonly Done[],
  { json, isForShow }: SetupOptions,
  seen: readonly Step[],
): Promise<void> {
  const told = (await Promise.all(done.map((each) => tell(each, { isForShow, seen })))).join("\n");
  stdout.write(json ? asJson(done) : told);
}

/** What was written stays, and nobody has to guess what that is. */
function stoppedAt(done: readonly Done[], all: number): string {
  const files = done.flatMap(({ step, fault }) => (isChange(step) && fault === undefined ? [step.file] : []));
  const left = all - done.length;
  const rest = left === 0 ? "" : `; ${plural(left, "client")} left as before`;
  return files.length === 0
    ? "interrupted; nothing was written"
    : `interrupted; what was written stands: ${files.map(printable).join(", ")}${rest}`;
}

/** What goes is put back as it was. */
function wishFor({ host }: Context, place: Place, wish: Wish): Wish {
  if (wish.launch || !("file" in place)) return wish;
  return { ...wish, origin: originIn(host, place.file, wish.name) };
}

function undoOf(done: readonly Done[], { scope, name }: Pick<Selection, "scope" | "name">): string {
  const ids = done.flatMap(({ step, fault }) =>
    step.action !== "manual" && step.entry && fault === undefined ? [step.client.id] : [],
  );
  const words = [
    ["--client", ids.join(",")],
    scope === "user" ? [] : ["--scope", scope],
    name === USUAL_NAME ? [] : ["--name", name],
  ];
  return ids.length === 0 ? "" : `\n\`mcpfier setup --remove ${words.flat().join(" ")}\` takes it out again.\n`;
}

/** null: nothing is started or reached, as the entry goes; undefined: there is nothing that should be registered. */
async function launchOf(context: Context, { http, remove, pass }: SetupOptions): Promise<Wish["launch"] | undefined> {
  if (remove) return null;
  return http === undefined ? wishedStart(context, pass) : { url: http };
}

type Choice = Pick<Selection, "scope" | "name"> & { readonly clients: readonly Chosen[]; readonly isAsked: boolean };

async function chosenBy(context: Context, options: SetupOptions): Promise<Choice | Unchosen | null> {
  const { client, all, yes, isForShow, json, input, remove } = options;
  const isSaid = client.length > 0 || all || yes || isForShow || json;
  if (!isSaid && input && canAsk(context)) {
    const answers = await askForAll(context, options);
    return answers && "clients" in answers ? { ...answers, isAsked: true } : answers;
  }
  const { scope = "user", name = USUAL_NAME } = options;
  const found = await choose(context, { client, isEvery: all || yes || isForShow, scope, name, remove });
  return "message" in found ? found : { ...found, scope, name, isAsked: false };
}

/** Several files, or what was only chosen from a list, are written when that was seen and wanted; gives what was seen, or the exit code. */
async function confirm(
  context: Context,
  planned: readonly Done[],
  mayAsk: boolean,
  isAsked: boolean,
): Promise<readonly Step[] | number> {
  const { stderr } = context;
  const changing = planned.filter(({ step }) => isChange(step));
  if (changing.length < (isAsked ? 1 : 2)) return [];
  if (!mayAsk || !canAsk(context)) {
    const files = changing.map(({ step }) => `\n  ${step.client.name}: ${step.file}`).join("");
    stderr.write(`mcpfier: ${changing.length} files would change; --yes writes them, --dry-run shows how:${files}\n`);
    return EXIT.usage;
  }
  stderr.write(changing.map(({ step }) => step.diff()).join("\n"));
  const answer = await askToWrite(context, changing.length);
  if (answer === null) return interrupted(context);
  if (answer) return changing.map(({ step }) => step);
  stderr.write("mcpfier: nothing was written\n");
  return EXIT.findings;
}

function interrupted({ stderr }: Context): number {
  stderr.write("mcpfier: nothing was written\n");
  return EXIT.interrupted;
}

function exitCodeOf(done: readonly Done[], isCheck: boolean): number {
  if (done.some(isBad)) return EXIT.fatal;
  return isCheck && done.some(({ step }) => isChange(step)) ? EXIT.findings : EXIT.fine;
}

function isBad({ step, fault, started }: Done): boolean {
  return step.action === "manual" || fault !== undefined || (started !== undefined && "fault" in started);
}
