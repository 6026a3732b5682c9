import { nearest } from "../../base/nearest.ts";
import { Refusal } from "../../base/refusal.ts";
import { ENDING_SIGNALS } from "../../base/signals.ts";
import { mediaTypeOf } from "../../base/media-type.ts";
import { decode } from "../../base/text.ts";
import { type Engine } from "../../engine.ts";
import type { Sink } from "../../base/sink.ts";
import type { Failed, Outcome } from "../../pipeline/call.ts";
import type { Capture } from "../../pipeline/capture.ts";
import type { Fill } from "../../pipeline/form.ts";
import { callFacts } from "../../pipeline/facts.ts";
import { shownPlanned } from "../../pipeline/planned.ts";
import type { Ask } from "../../pipeline/question.ts";
import { YES, askOn } from "../asking.ts";
import { fillOn } from "../filling.ts";
import { exitCodeOf } from "../exit-code.ts";
import { lastAttempt } from "../last-attempt.ts";
import { openEngine } from "../open.ts";
import { parseToolArguments } from "../tool-arguments.ts";
import { usageOf } from "../usage.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";
import { VERBS } from "../words.ts";

export const run: Verb = {
  name: "run",
  summary: "run one command of the catalogue and pass its output and exit code on",
  example: "mcpfier run search_files --pattern TODO --max-count 5",
  declare: (parser) => {
    parser
      .argument("[command]", "the name of the command; with --help its parameters are shown")
      .argument("[arguments...]", "its parameters, as --name value");
    parser.option("--args <json>", "its parameters as one JSON object");
    parser.option("--json", "print the whole outcome as JSON instead of the output");
    parser.option("--dry-run", "print what would run, and start nothing");
    parser.option(...YES);
    parser.allowUnknownOption().helpOption(false);
  },
  run: async (context, [tool = "", ...words], options) => {
    if (tool === "" || isHelp(tool)) {
      context.stdout.write(context.verbHelp());
      return isHelp(tool) ? EXIT.fine : EXIT.usage;
    }
    const engine = await openEngine(context);
    const command = engine?.find(tool);
    if (!command) suggestVerb(context, tool);
    if (!engine) return EXIT.refused;
    if (command && words.some(isHelp)) {
      context.stdout.write(usageOf(command));
      return EXIT.fine;
    }
    const asJson = options["json"] === true || options["dryRun"] === true;
    const outcome = await callOnce(context, engine, {
      tool,
      words,
      json: options["args"] as string | undefined,
      dryRun: options["dryRun"] === true,
      confirm: askOn(context, options["yes"] === true),
      fill: options["yes"] === true ? undefined : fillOn(context),
      quiet: asJson,
    });
    if (asJson) context.stdout.write(`${JSON.stringify(describe(outcome), null, 2)}\n`);
    else explain(context, outcome);
    // A connection to an engine would keep the process alive.
    await engine.close();
    return exitCodeOf(outcome);
  },
};

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

/** A word that is no verb is taken for a command; it may have been meant as a verb. */
function suggestVerb({ stderr }: Context, word: string): void {
  const [verb] = nearest(
    word,
    VERBS.filter((each) => !each.startsWith("_")),
  );
  if (verb !== undefined) stderr.write(`mcpfier: did you mean \`mcpfier ${verb}\`?\n`);
}

interface Wanted {
  readonly tool: string;
  readonly words: readonly string[];
  readonly json: string | undefined;
  readonly dryRun: boolean;
  readonly confirm: Ask | undefined;
  readonly fill: Fill | undefined;
  /** Whether the output is kept back. */
  readonly quiet: boolean;
}

async function callOnce(context: Context, engine: Engine, { words, json, quiet, ...wanted }: Wanted): Promise<Outcome> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  for (const name of ENDING_SIGNALS) process.once(name, stop);
  context.stdout.once("error", stop);
  const { tool, dryRun } = wanted;
  const command = engine.find(tool);
  const live = dryRun || !context.stderr.isTTY ? undefined : (await import("../live.ts")).createLive(context, tool);
  try {
    const args = command ? parseToolArguments(command, words, json) : {};
    const request = {
      ...wanted,
      confirm: live?.asking(wanted.confirm) ?? wanted.confirm,
      fill: live?.asking(wanted.fill) ?? wanted.fill,
      arguments: args,
      signal: abort.signal,
    };
    if (quiet) return await engine.call(request);
    const sink = (stream: "stdout" | "stderr"): Sink => {
      const plain = sinkOf(context[stream]);
      return live?.around(stream, plain) ?? plain;
    };
    const { stdout, again, end } = lastAttempt(sink("stdout"), command?.retry?.attempts ?? 1);
    const outcome = await engine.call({ ...request, stdout, again, stderr: sink("stderr") });
    await end(outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "refused", callId: "", tool, durationMs: 0, code: error.code, problems: error.problems };
  } finally {
    live?.end();
  }
}

/** Writes as fast as the reader reads; the bytes are ours only until they are written. */
function sinkOf(stream: NodeJS.WriteStream): Sink {
  return (chunk) => new Promise((resolve) => void stream.write(chunk, () => resolve()));
}

/** What the output itself does not say. */
function explain({ stderr }: Context, outcome: Outcome): void {
  // Of a need that ran, stderr told it already.
  if (outcome.need !== undefined && outcome.kind !== "refused") return;
  if (outcome.kind === "refused")
    stderr.write(`mcpfier: refused (${outcome.code}): ${outcome.problems.join("\n  ")}\n`);
  if (outcome.kind === "timed_out")
    stderr.write(`mcpfier: ${outcome.tool} timed out after ${outcome.durationMs / 1000} s\n`);
  if (outcome.kind === "cancelled") stderr.write(`mcpfier: ${outcome.tool} was cancelled\n`);
  if (outcome.kind === "limited")
    stderr.write(`mcpfier: ${outcome.tool} was stopped by its limit of ${outcome.limit}\n`);
  if (outcome.kind === "unknown") stderr.write(`mcpfier: nobody knows how ${outcome.tool} ended: ${outcome.why}\n`);
  if (outcome.kind === "completed" && outcome.exitCode !== 0 && outcome.meaning !== "")
    stderr.write(`mcpfier: exit code ${outcome.exitCode}: ${outcome.meaning}\n`);
  if (outcome.kind === "completed" && outcome.shown.fault !== "") stderr.write(`mcpfier: ${outcome.shown.fault}\n`);
  if (outcome.kind === "failed") stderr.write(howItFailed(outcome));
}

/** Nothing where the exit code says it. */
function howItFailed({ tool, signal, answer }: Failed): string {
  if (signal !== null) return `mcpfier: ${tool} was ended by ${signal}\n`;
  if (!answer || answer.status === null) return "";
  const fault = answer.fault === "" ? "" : `, and then: ${answer.fault}`;
  return `mcpfier: ${tool} was answered with HTTP ${answer.status}${fault}\n`;
}

/** An outcome as JSON: the facts of the call, and what there is of output, plan or problems. */
export function describe(outcome: Outcome): Readonly<Record<string, unknown>> {
  const facts = { tool: outcome.tool, ...callFacts(outcome) };
  if (outcome.kind === "refused") return { ...facts, problems: outcome.problems };
  if (outcome.kind === "planned") return { ...facts, plan: shownPlanned(outcome) };
  if (outcome.kind === "handed_off")
    return { ...facts, stdout: textOf(outcome.stdout), stderr: textOf(outcome.stderr) };
  const { content, structured, fault, isError } = outcome.shown;
  return {
    ...facts,
    ...(outcome.meaning === "" ? {} : { meaning: outcome.meaning }),
    stdout: textOf(outcome.stdout),
    stderr: textOf(outcome.stderr),
    ...(content.length === 0 ? {} : { content }),
    ...(structured === undefined ? {} : { structured }),
    ...(fault === "" ? {} : { fault }),
    ...(isError && outcome.kind === "completed" ? { isError } : {}),
  };
}

/** As it was printed, but for a middle that was not kept, and for pictures and their like, which are no text. */
function textOf({ head, tail, bytes }: Capture): string {
  const type = mediaTypeOf(head);
  if (type !== "") return `[${bytes} bytes of the type ${type}]`;
  const missing = bytes - head.length - tail.length;
  if (missing === 0) return Buffer.concat([head, tail]).toString();
  return `${decode(head, { start: false, end: true }).text}\n[... ${missing} bytes left out ...]\n${decode(tail, { start: true, end: false }).text}`;
}
