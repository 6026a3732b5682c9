import type { ElicitRequestFormParams, PrimitiveSchemaDefinition } from "@modelcontextprotocol/server";
import type { Choice, Field, Input } from "../command/field.ts";
import { RICH_FORMS_SINCE, knows } from "./revision.ts";

export type FormSchema = ElicitRequestFormParams["requestedSchema"];

/** The fields as a client of a revision takes them; null: it cannot show one of them. */
export function schemaOfForm(fields: readonly Field[], revision: string | undefined): FormSchema | null {
  const isRich = knows(revision, RICH_FORMS_SINCE);
  if (!isRich && fields.some(({ input }) => input.kind === "choices")) return null;
  const properties = fields.map((field) => {
    const schema = { ...wordsOf(field, isRich), ...inputOf(field.input, isRich) };
    return [field.name, schema as PrimitiveSchemaDefinition] as const;
  });
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** A boolean could have a default from the beginning. */
function wordsOf({ title, description, preset, input }: Field, isRich: boolean): object {
  return {
    ...(title === "" ? {} : { title }),
    ...(description === "" ? {} : { description }),
    ...(preset !== null && (isRich || input.kind === "switch") ? { default: preset } : {}),
  };
}

function inputOf(input: Input, isRich: boolean): object {
  if (input.kind === "switch") return { type: "boolean" };
  if (input.kind === "number") {
    const { isInteger, minimum, maximum } = input;
    return { type: isInteger ? "integer" : "number", ...withoutNull({ minimum, maximum }) };
  }
  if (input.kind === "text") {
    const { minLength, maxLength, format } = input;
    return { type: "string", ...withoutNull({ minLength, maxLength, format }) };
  }
  if (input.kind === "choice") return { type: "string", ...choiceOf(input.choices, isRich) };
  const { choices, minItems, maxItems } = input;
  const items = isTitled(choices)
    ? { anyOf: constants(choices) }
    : { type: "string", enum: choices.map(({ value }) => value) };
  return { type: "array", items, ...withoutNull({ minItems, maxItems }) };
}

function choiceOf(choices: readonly Choice[], isRich: boolean): object {
  const plain = { enum: choices.map(({ value }) => value) };
  if (!isTitled(choices)) return plain;
  return isRich ? { oneOf: constants(choices) } : { ...plain, enumNames: choices.map(({ title }) => title) };
}

function isTitled(choices: readonly Choice[]): boolean {
  return choices.some(({ value, title }) => value !== title);
}

function constants(choices: readonly Choice[]): readonly object[] {
  return choices.map(({ value, title }) => ({ const: value, title }));
}

function withoutNull(bounds: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== null));
}
