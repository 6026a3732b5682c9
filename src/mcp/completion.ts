import { type CompleteResult, ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import { pathsBelow } from "../command/below.ts";
import { log } from "../base/log.ts";
import { parameterOf } from "../command/command.ts";
import { listFolder } from "../command/folder.ts";
import type { FolderSource, Resource } from "../command/resource.ts";
import { type Typed, settleTexts } from "../command/texts.ts";
import { type Use, argumentsOf } from "../command/use.ts";
import type { Engine } from "../engine.ts";
import type { Capture } from "../pipeline/capture.ts";
import { type Cleaner, createCleaner } from "../pipeline/cleaner.ts";
import { findPrompt } from "./prompts.ts";

/** The protocol's own bound. */
const MOST = 100;
/** How long a command has to print values. */
const PATIENCE_MS = 5000;
/** Longer lines are no values. */
const LONGEST = 1000;

/** Values for an argument while a person types it. */
export function serveCompletions(server: Server, engine: Engine): void {
  server.setRequestHandler("completion/complete", async ({ params }, { mcpReq }) => {
    const { ref, argument, context } = params;
    const asked = { engine, signal: mcpReq.signal, others: context?.arguments ?? {} };
    if (ref.type === "ref/prompt") return shown(await valuesFor(findPrompt(engine, ref.name), argument, asked));
    const resource = findTemplate(engine, ref.uri);
    const { source } = resource;
    return shown(
      await (source.kind === "folder" && argument.name === "path"
        ? filesFor(source, argument.value)
        : valuesFor(resource, argument, asked)),
    );
  });
}

function findTemplate(engine: Engine, uri: string): Resource {
  const found = engine.catalogue().resources.find((each) => each.uri.text === uri);
  if (found) return found;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `no resource has the address ${JSON.stringify(uri)}`);
}

/** Those that are listed, so that nothing is offered that cannot be read. */
async function filesFor(source: FolderSource, typed: string): Promise<readonly string[]> {
  const { files } = await listFolder(source).catch(() => ({ files: [] }));
  return files.filter((path) => path.startsWith(typed));
}

interface Asked {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** The arguments that were given already. */
  readonly others: Readonly<Record<string, string>>;
}

interface Argument {
  readonly name: string;
  /** What was typed so far. */
  readonly value: string;
}

async function valuesFor(signature: Typed, { name, value: typed }: Argument, asked: Asked): Promise<readonly string[]> {
  const parameter = parameterOf(signature, name);
  if (!parameter) {
    const names = signature.params.map((each) => each.name).join(", ") || "none";
    const text = `there is no argument "${name}"; expected one of ${names}`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
  }
  const properties = signature.inputSchema["properties"] as Readonly<Record<string, Words>>;
  const { enum: choices, type } = properties[name] ?? {};
  const use = Object.hasOwn(signature.completions, name) ? signature.completions[name] : undefined;
  if (use) return (await printedValues(signature, use, { name, value: typed }, asked)).filter(startsWith(typed));
  const fixed = choices?.map(String) ?? (type === "boolean" ? ["true", "false"] : undefined);
  if (fixed) return fixed.filter(startsWith(typed));
  return parameter.path && !typed.includes("\0") ? pathsBelow(typed, parameter.path) : [];
}

function startsWith(typed: string): (value: string) => boolean {
  const wanted = typed.toLowerCase();
  return (value) => value.toLowerCase().startsWith(wanted);
}

/** The lines that a command prints within its time; none where it fails, as a person who types waits for nothing else. */
async function printedValues(
  signature: Typed,
  use: Use,
  { name, value }: Argument,
  { engine, signal, others }: Asked,
): Promise<readonly string[]> {
  const { required: _, ...inputSchema } = signature.inputSchema;
  const known = Object.entries(others).filter(([other]) => other !== name && parameterOf(signature, other));
  // What was typed so far need not fit; the command checks what it is given.
  const settled = await settleTexts({ ...signature, inputSchema }, Object.fromEntries(known)).catch(() => new Map());
  const values = value === "" ? settled : new Map(settled).set(name, value);
  const outcome = await engine.call({
    tool: use.command,
    arguments: argumentsOf(use, values),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  if (outcome.kind === "completed") return linesOf(outcome.stdout, createCleaner(engine.catalogue().secrets));
  if (!signal.aborted)
    log.warn(
      { tool: use.command, outcome: outcome.kind, callId: outcome.callId },
      "no values to complete an argument with",
    );
  return [];
}

/** Each line once; what was dropped of them began in the middle of one. */
function linesOf({ head, bytes }: Capture, clean: Cleaner): readonly string[] {
  const lines = clean(head.toString()).split("\n");
  if (bytes > head.length) lines.pop();
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== "" && line.length <= LONGEST))];
}

interface Words {
  readonly enum?: readonly unknown[];
  readonly type?: unknown;
}

function shown(values: readonly string[]): CompleteResult {
  const hasMore = values.length > MOST;
  return { completion: { values: values.slice(0, MOST), total: values.length, hasMore } };
}
