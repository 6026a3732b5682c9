import { didYouMean } from "../base/nearest.ts";
import type { JsonSchema, Parameter } from "../command/command.ts";
import type { Choice, Field, Input } from "../command/field.ts";
import type { Draft } from "./draft.ts";
import type { Node } from "./node.ts";
import type { Parameters } from "./params.ts";

/** Reads `ask`, and reports what no form of the protocol can show, and secrets, which clients keep in their history. */
export function readAsk(draft: Draft, params: Parameters): readonly Field[] {
  const node = draft.nodeOf("ask");
  const items = node?.kind === "sequence" ? node.items : [];
  return items.flatMap((item) => {
    if (item.kind !== "scalar" || draft.isBroken(item)) return [];
    const field = readField(draft, item, String(item.value), params);
    return field ? [field] : [];
  });
}

function readField(draft: Draft, at: Node, name: string, params: Parameters): Field | null {
  const parameter = params.list.find((each) => each.name === name);
  if (!parameter) {
    if (params.isOpen || params.declared.has(name)) return null;
    const hint = didYouMean(name, params.declared) || "declare it under `params`";
    return draft.error(at, "unknown-parameter", `"${name}" is not a parameter of this command`, hint);
  }
  const schema = (params.inputSchema["properties"] as Readonly<Record<string, JsonSchema>>)[name] ?? {};
  if (parameter.secret || schema["format"] === "password") {
    const message = `"${name}" is secret, and what is typed into a form is kept by clients and shown to models`;
    return draft.error(at, "ask", message, "take it from the environment: `${NAME}`, or `env: { inherit: [NAME] }`");
  }
  const input = inputOf(schema);
  return typeof input === "string"
    ? draft.error(at, "ask", `no form can ask for "${name}": ${input}`, FITTING)
    : fieldOf(parameter, schema, input);
}

const FITTING =
  "a form has texts and paths, numbers, booleans, an `enum` of texts, and arrays of such; leave it to the model";

function fieldOf({ name, required }: Parameter, schema: JsonSchema, input: Input): Field {
  const {
    title,
    description,
    default: preset = null,
  } = schema as Partial<Pick<Field, "title" | "description">> & {
    readonly default?: Field["preset"];
  };
  return { name, title: title ?? "", description: description ?? "", required, input, preset };
}

/** Or why there is none. */
function inputOf(schema: JsonSchema): Input | string {
  if ("const" in schema) return "it has one value only";
  const choices = choicesOf(schema);
  if (typeof choices === "string") return choices;
  const type = typeOf(schema);
  if (choices) return type === "string" || type === null ? { kind: "choice", choices } : "its choices are no texts";
  if (type === "string")
    return {
      kind: "text",
      minLength: numberAt(schema, "minLength"),
      maxLength: numberAt(schema, "maxLength"),
      format: FORMATS.find((each) => each === schema["format"]) ?? null,
    };
  if (type === "number" || type === "integer") return numberInput(schema, type === "integer");
  if (type === "boolean") return { kind: "switch" };
  return type === "array" ? choicesInput(schema) : type === null ? "it is of no one type" : `it is of the type ${type}`;
}

const FORMATS = ["email", "uri", "date", "date-time"] as const;

/** Null: of any, or of several. */
function typeOf(schema: JsonSchema): string | null {
  const { type = [] } = schema as { readonly type?: string | readonly string[] };
  const types = [type].flat().filter((each) => each !== "null");
  return types.length === 1 ? (types[0] ?? null) : null;
}

function numberInput(schema: JsonSchema, isInteger: boolean): Input {
  const [above, below] = [numberAt(schema, "exclusiveMinimum"), numberAt(schema, "exclusiveMaximum")];
  return {
    kind: "number",
    isInteger,
    minimum: numberAt(schema, "minimum") ?? (isInteger && above !== null ? Math.floor(above) + 1 : null),
    maximum: numberAt(schema, "maximum") ?? (isInteger && below !== null ? Math.ceil(below) - 1 : null),
  };
}

function choicesInput(schema: JsonSchema): Input | string {
  const { items } = schema as { readonly items?: JsonSchema };
  const choices = items && choicesOf(items);
  if (typeof choices === "string") return choices;
  if (!items || !choices || !["string", null].includes(typeOf(items))) return "the items of its array are no `enum`";
  return { kind: "choices", choices, minItems: numberAt(schema, "minItems"), maxItems: numberAt(schema, "maxItems") };
}

/** Those of `enum`, or of `oneOf` and `anyOf` where each is a `const`; undefined: there are none. */
function choicesOf({ enum: values, oneOf, anyOf }: JsonSchema): readonly Choice[] | string | undefined {
  const list = values ?? oneOf ?? anyOf;
  if (!Array.isArray(list)) return undefined;
  const choices = (list as readonly unknown[]).map((each) => choiceOf(values ? { const: each } : each));
  const isComplete = choices.every((each) => each !== null);
  return isComplete ? choices : "its choices are no texts";
}

function choiceOf(schema: unknown): Choice | null {
  if (typeof schema !== "object" || schema === null) return null;
  const { const: value, title } = schema as { readonly const?: unknown; readonly title?: unknown };
  return typeof value === "string" ? { value, title: typeof title === "string" ? title : value } : null;
}

function numberAt(schema: JsonSchema, key: string): number | null {
  const value = schema[key];
  return typeof value === "number" ? value : null;
}
