import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type ResourceLink,
  type Tool,
} from "@modelcontextprotocol/server";
import type { RefusalCode } from "../base/refusal.ts";
import type { Command, JsonSchema } from "../command/command.ts";
import { shownPlan } from "../executors/plan.ts";
import type { Outcome } from "../pipeline/call.ts";
import { callFacts } from "../pipeline/facts.ts";
import type { OwnTool } from "../tools/tool.ts";

/** A command as `tools/list` shows it; the schemas are JSON Schema 2020-12. */
export function toTool(command: Command): Tool {
  const { output } = command;
  return {
    name: command.name,
    ...(command.title === "" ? {} : { title: command.title }),
    description: command.description,
    inputSchema: command.inputSchema as Tool["inputSchema"],
    ...(output.format === "json" && output.schema ? { outputSchema: objectSchema(output.schema) } : {}),
    annotations: {
      ...(command.title === "" ? {} : { title: command.title }),
      readOnlyHint: command.effect === "read",
      destructiveHint: command.effect === "destructive",
      idempotentHint: command.idempotent,
      openWorldHint: command.openWorld,
    },
  };
}

/** The protocol takes only objects as structured results; everything else is wrapped as `{result}`. */
function objectSchema(schema: JsonSchema): NonNullable<Tool["outputSchema"]> {
  const wrapped = { type: "object", properties: { result: schema }, required: ["result"] } as const;
  return schema["type"] === "object" ? schema : wrapped;
}

/** A tool of mcpfier itself. */
export function toOwnTool({ name, title, description, inputSchema, readOnly }: OwnTool): Tool {
  const annotations = {
    title,
    readOnlyHint: readOnly,
    destructiveHint: false,
    idempotentHint: readOnly,
    openWorldHint: false,
  };
  return { name, title, description, inputSchema: inputSchema as Tool["inputSchema"], annotations };
}

export function toRefusal(code: RefusalCode, problems: readonly string[], _meta: object = {}): CallToolResult {
  return { content: [text(`refused (${code}):\n${problems.join("\n")}`)], isError: true, _meta: { ..._meta } };
}

/** An outcome as the answer of `tools/call`. An unknown tool is an error of the protocol, everything else one of the tool. */
export function toResult(
  outcome: Outcome,
  command: Command | undefined,
  links: readonly ResourceLink[],
): CallToolResult {
  const _meta = { "mcpfier/call": callFacts(outcome) };
  if (outcome.kind === "refused") {
    if (outcome.code === "tool.unknown")
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, outcome.problems.join("\n"));
    return toRefusal(outcome.code, outcome.problems, _meta);
  }
  if (outcome.kind === "planned") {
    return { content: [text(JSON.stringify(shownPlan(outcome.plan), null, 2))], ...promised(command), _meta };
  }
  if (outcome.kind === "handed_off") return { content: [text(`job ${outcome.callId} goes on`)], _meta };
  const { shown } = outcome;
  const wrong = outcome.kind !== "completed" || (shown.fault !== "" && command?.output.schema !== null);
  const structured =
    shown.structured === undefined ? {} : { structuredContent: wrapStructured(shown.structured, command) };
  return { content: [text(shown.text), ...links], ...structured, ...(wrong ? { isError: true } : {}), _meta };
}

/** Clients refuse a result without the structure that the tool promises, unless it is an error; a plan has none. */
function promised(command: Command | undefined): { isError?: true } {
  return command?.output.format === "json" && command.output.schema ? { isError: true } : {};
}

function wrapStructured(value: unknown, command: Command | undefined): Record<string, unknown> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const promisesObject = command?.output.schema ? command.output.schema["type"] === "object" : isObject;
  return promisesObject ? (value as Record<string, unknown>) : { result: value };
}

function text(value: string): { type: "text"; text: string } {
  return { type: "text", text: value };
}
