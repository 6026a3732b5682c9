import catalogueSchema from "../../schemas/mcpfier.schema.json" with { type: "json" };
import type { Node } from "../catalogue/node.ts";
import { lookUp } from "../command/lookup.ts";
import { shapeOf } from "./checks/told.ts";

/** As much of JSON schema as the catalogue's is written in. */
interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const ROOT: Schema & { readonly definitions: Readonly<Record<string, Schema>> } = catalogueSchema;
const { command, duration, size } = ROOT.definitions;

/**
 * What a catalogue is made of, without anything that its user wrote in words of their own: keys, types, choices, numbers and units
 * that the schema knows, names of commands and of parameters, and programs that are on `path`. All else is told by its length.
 */
export function shapeOfCatalogue(root: Node, path: string): unknown {
  return look(root, [ROOT]);

  function look(node: Node, schemas: readonly Schema[]): unknown {
    const known = schemas.flatMap(expand);
    if (node.kind === "scalar") return scalar(node.value, node.text, known);
    if (node.kind === "sequence") {
      const within = known.flatMap(({ items }) => items ?? []);
      return node.items.map((item, index) =>
        index === 0 && item.kind === "scalar" && known.some((each) => each === command?.properties?.["run"])
          ? programOr(item.text)
          : look(item, within),
      );
    }
    return Object.fromEntries(
      Array.from(node.entries, ([key, { value }], index) => {
        const own = known.flatMap(({ properties = {} }) =>
          Object.hasOwn(properties, key) ? (properties[key] ?? []) : [],
        );
        const more = known.flatMap(({ additionalProperties: other }) => (typeof other === "object" ? other : []));
        if (own.length > 0) return [key, key === "script" ? programOf(value, own) : look(value, own)];
        return [isParameter(key, known) ? key : `key ${index + 1} ${shapeOf(key)}`, look(value, more)];
      }),
    );
  }

  function programOf(node: Node, schemas: readonly Schema[]): unknown {
    return node.kind === "scalar" ? programOr(node.text) : look(node, schemas);
  }

  function programOr(name: string): string {
    return /^[a-z][a-z\d.+-]*$/.test(name) && "path" in lookUp(name, path) ? name : shapeOf(name);
  }
}

function scalar(value: unknown, text: string, known: readonly Schema[]): unknown {
  if (typeof value === "boolean" || value === null) return value;
  if (known.some((schema) => schema.enum?.includes(value) || isChoice(schema, text) || isAmount(schema, text)))
    return value;
  if (typeof value === "number") return known.some(isNumeric) ? value : "(number)";
  return isCommandName(known, text) ? text : shapeOf(text);
}

function expand(schema: Schema): readonly Schema[] {
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
  const target = $ref === undefined ? undefined : ROOT.definitions[$ref.replace("#/definitions/", "")];
  return [schema, ...[...(target ? [target] : []), ...allOf, ...anyOf, ...oneOf].flatMap(expand)];
}

/** A pattern that is nothing but a choice of words, such as `^(?:string|path)$`. */
function isChoice({ pattern = "" }: Schema, text: string): boolean {
  return /^\^[a-z()|]+\$$/.test(pattern) && new RegExp(pattern).test(text);
}

/** `90s`, `1.5 GiB`. */
function isAmount(schema: Schema, text: string): boolean {
  return (schema === duration || schema === size) && /^[\d.]{1,12} ?[A-Za-z]{0,3}$/.test(text);
}

/** Where text may stand as well, a number is a word of the user, such as an argument. */
function isNumeric({ type = [] }: Schema): boolean {
  const types = new Set([type].flat());
  return (types.has("number") || types.has("integer")) && !types.has("string");
}

function isCommandName(known: readonly Schema[], text: string): boolean {
  const name = command?.properties?.["name"];
  return known.some((schema) => schema === name) && new RegExp(name?.pattern ?? "").test(text);
}

function isParameter(key: string, known: readonly Schema[]): boolean {
  const params = command?.properties?.["params"];
  return known.some((schema) => schema === params) && new RegExp(params?.propertyNames?.pattern ?? "").test(key);
}
