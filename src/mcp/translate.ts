import { type CallToolResult, ProtocolError, ProtocolErrorCode, type Tool } from "@modelcontextprotocol/server";
import type { Command, JsonSchema } from "../command/command.ts";
import { offeredSchema } from "../command/offered.ts";
import type { Outcome } from "../pipeline/call.ts";
import { callFacts } from "../pipeline/facts.ts";
import { shownPlanned } from "../pipeline/planned.ts";
import type { OwnTool, Reply } from "../tools/tool.ts";
import { toBlock } from "./content.ts";
import { iconsOf } from "./icons.ts";
import { linksOf } from "./resources.ts";
import { STRUCTURED_SINCE, knows } from "./revision.ts";

/** A command as `tools/list` shows it to a client of a revision (undefined: the newest); the schemas are JSON Schema 2020-12. */
export function toTool(command: Command, revision?: string): Tool {
  const { output } = command;
  return {
    name: command.name,
    ...(command.title === "" ? {} : { title: command.title }),
    description: command.description,
    ...iconsOf(command.icons, revision),
    inputSchema: offeredSchema(command) as Tool["inputSchema"],
    ...(output.schema && promisesStructure(command) ? { outputSchema: objectSchema(output.schema) } : {}),
    annotations: {
      ...(command.title === "" ? {} : { title: command.title }),
      readOnlyHint: command.effect === "read",
      destructiveHint: command.effect === "destructive",
      idempotentHint: command.idempotent,
      openWorldHint: command.openWorld,
    },
  };
}

/** A tool of mcpfier itself, as `tools/list` shows it. */
export function toOwnTool({ name, title, description, inputSchema, readOnly }: OwnTool): Tool {
  return {
    name,
    title,
    description,
    inputSchema: inputSchema as Tool["inputSchema"],
    annotations: {
      title,
      readOnlyHint: readOnly,
      destructiveHint: !readOnly,
      idempotentHint: true,
      openWorldHint: false,
    },
  };
}

/** Clients refuse a result without the structure that the tool promises; one that may be handed off promises none. */
function promisesStructure({ output, handoffMs }: Command): boolean {
  return output.schema !== null && handoffMs === null;
}

/** The protocol takes only objects as structured results; everything else is wrapped as `{result}`. */
function objectSchema(schema: JsonSchema): NonNullable<Tool["outputSchema"]> {
  if (schema["type"] === "object") return schema;
  // `#/$defs/name` means the same place as before.
  const { $defs, ...result } = schema;
  return { type: "object", properties: { result }, required: ["result"], ...($defs === undefined ? {} : { $defs }) };
}

/**
 * An outcome as the answer of `tools/call`, as a client of a revision of the protocol knows it (undefined: the newest). An
 * unknown tool is an error of the protocol, everything else one of the tool.
 */
export function toResult(outcome: Outcome, command: Command | undefined, revision?: string): CallToolResult {
  const _meta = { "mcpfier/call": callFacts(outcome) };
  if (outcome.kind === "refused") {
    if (outcome.code === "tool.unknown")
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, outcome.problems.join("\n"));
    return { content: [text(`refused (${outcome.code}):\n${outcome.problems.join("\n")}`)], isError: true, _meta };
  }
  if (outcome.kind === "planned") {
    return { content: [text(JSON.stringify(shownPlanned(outcome), null, 2))], ...promised(command), _meta };
  }
  if (outcome.kind === "handed_off") return { content: [text(outcome.shown.text)], _meta };
  const { shown } = outcome;
  const structured =
    shown.structured === undefined || !knows(revision, STRUCTURED_SINCE)
      ? {}
      : { structuredContent: wrapStructured(shown.structured, command) };
  const pieces = shown.content.map((piece) => toBlock(piece, revision));
  const words = shown.text === "" ? [] : [text(shown.text)];
  const content = [...pieces, ...words, ...linksOf(outcome, revision)];
  const isError = outcome.kind !== "completed" || shown.isError;
  return { content, ...structured, ...(isError ? { isError } : {}), _meta };
}

/** The answer of a tool of mcpfier itself that runs no command. */
export function toReplyResult({ text: value, about }: Reply): CallToolResult {
  return { content: [text(value)], ...(about ? { _meta: { "mcpfier/call": callFacts(about) } } : {}) };
}

/** A plan has no structure; as an error it is taken without. */
function promised(command: Command | undefined): { isError?: true } {
  return command && promisesStructure(command) ? { isError: true } : {};
}

function wrapStructured(value: unknown, command: Command | undefined): Record<string, unknown> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const promisesObject = command?.output.schema ? command.output.schema["type"] === "object" : isObject;
  return promisesObject ? (value as Record<string, unknown>) : { result: value };
}

function text(value: string): { type: "text"; text: string } {
  return { type: "text", text: value };
}
