import { soundsLikePath, soundsSecret } from "../base/telling.ts";
import { isVague } from "../base/vague.ts";
import { seenText } from "../base/visible.ts";
import type { Draft, DraftCommand, DraftParam, Value } from "./draft.ts";
import { isMap, listOf } from "./data.ts";

/** The same draft with what `mcpfier lint` would ask for, as far as that can be known, and without what nobody would see. */
export function polished(draft: Draft): Draft {
  const { name, instructions, commands } = draft;
  return {
    ...draft,
    name: seenText(name) || "tools",
    ...(instructions === undefined ? {} : { instructions: seenText(instructions) }),
    commands: commands.map(polishedCommand),
  };
}

function polishedCommand(given: DraftCommand): DraftCommand {
  const command = { ...given, keys: seenIn(given.keys), params: given.params.map(seenParam) };
  const isConfined = command.keys["container"] !== undefined || command.keys["webhook"] !== undefined;
  const params = command.params.map((param) => withSecret(isConfined ? param : withPath(param)));
  return { ...command, params, keys: { ...command.keys, description: describe(command) } };
}

function seenParam(param: DraftParam): DraftParam {
  return { ...param, schema: seenIn(param.schema) };
}

type Keys = DraftCommand["keys"];

/** What is told of something may come from anybody. */
function seenIn(keys: Keys): Keys {
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [
      key,
      isTold(key, value) ? seenText(value) : isMap(value) ? seenIn(value) : value,
    ]),
  );
}

function isTold(key: string, value: unknown): value is string {
  return (key === "title" || key === "description") && typeof value === "string";
}

/** A description that says no more than the names do gets what is known besides. */
function describe({ name, keys, detail }: DraftCommand): string {
  const text = typeof keys["description"] === "string" ? keys["description"] : "";
  const names = [name, keys["title"], listOf(keys["run"])[0]].filter((each) => typeof each === "string");
  const fuller = `${text.replace(/[.:]$/, "")}: ${detail}`;
  const told = [text, fuller].find((each) => !isVague(each, names));
  return told ?? `${fuller.replace(/\.$/, "")}; where it comes from says no more.`;
}

/** Names below a folder, none of them hidden. */
const BELOW = "[A-Za-z0-9_][A-Za-z0-9_.,:=%+@-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.,:=%+@-]*)*";

/** What is called a file and may be any text could lead anywhere; an option of that name may mean something else. */
function withPath(param: DraftParam): DraftParam {
  const { name, schema } = param;
  if (!soundsLikePath(name)) return param;
  const isOption = schema["flag"] !== undefined;
  const confined: Value = isOption ? { type: "string", pattern: BELOW } : { type: "path" };
  const review = isOption ? "if it is a path, write `type: path`" : "a path inside of the workspace, as its name says";
  const { items } = schema;
  if (schema["type"] === "array" && isMap(items) && isAnyText(items))
    return { name, schema: { ...schema, items: confined }, review };
  if (!isAnyText(schema) || schema["join"] !== undefined) return param;
  const { pattern: _dash, maxLength: _most, ...rest } = schema;
  return { name, schema: { ...rest, ...confined }, review };
}

function isAnyText(schema: Readonly<Record<string, unknown>>): boolean {
  const { type, pattern, default: fallback } = schema;
  const isFree = pattern === undefined || pattern === "[^-].*" || pattern === "[^-][\\s\\S]*";
  return (
    type === "string" &&
    isFree &&
    fallback === undefined &&
    schema["enum"] === undefined &&
    schema["format"] === undefined
  );
}

function withSecret(param: DraftParam): DraftParam {
  const { name, schema } = param;
  const isSecret = soundsSecret(name) && schema["type"] === "string" && schema["enum"] === undefined;
  return isSecret ? { ...param, schema: { ...schema, secret: true } } : param;
}
