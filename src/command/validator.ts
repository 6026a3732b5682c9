import { RE2JS } from "@bufbuild/re2";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { didYouMean } from "../base/nearest.ts";
import type { JsonSchema } from "./command.ts";

/** Each problem of a value, as `place: what is wrong`; an empty place is the value itself. Fills defaults in, in place. */
export type Validator = (value: unknown) => readonly ValueProblem[];

export interface ValueProblem {
  /** Keys and indices, from the outside. */
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * JSON Schema 2020-12, with formats checked and every `pattern` matched in linear time (RE2), so that no pattern of a catalogue
 * can be made to hang the server. Schemas of the same text share one validator.
 */
export function validatorOf(schema: JsonSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const validate = compiledOf(schema);
  const validator: Validator = (value) =>
    validate(value) ? [] : (validate.errors ?? []).filter(isTelling).map(problemOf);
  validators.set(schema, validator);
  return validator;
}

function compiledOf(schema: JsonSchema): ValidateFunction {
  const key = JSON.stringify(schema);
  const validate = compiled.get(key) ?? ajv().compile(schema);
  compiled.set(key, validate);
  return validate;
}

/** What makes a schema none of JSON Schema 2020-12. */
export function schemaErrors(schema: JsonSchema): readonly ErrorObject[] {
  const validate = ajv().getSchema(DIALECT);
  // A copy: defaults are filled in.
  return validate?.(structuredClone(schema)) === false ? (validate.errors ?? []) : [];
}

/** Why RE2 does not take a regular expression; undefined when it does. */
export function regexFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const validators = new WeakMap<JsonSchema, Validator>();
const compiled = new Map<string, ValidateFunction>();
let instance: Ajv2020 | undefined;

function ajv(): Ajv2020 {
  if (instance) return instance;
  // `ownProperties`: an argument named `toString` is missing unless it was given. `u` is what ajv asks of an engine.
  instance = new Ajv2020({
    allErrors: true,
    strict: false,
    useDefaults: true,
    ownProperties: true,
    verbose: true,
    // What is wrong with a schema is told where it is read, not on our stderr.
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    code: { regExp: Object.assign((pattern: string) => RE2JS.compile(pattern), { code: "re2" }) },
  });
  addFormats.default(instance);
  return instance;
}

/** `anyOf` and its kin are told by what their branches say. */
function isTelling(error: ErrorObject): boolean {
  return error.keyword !== "if";
}

function problemOf(error: ErrorObject): ValueProblem {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const { params } = error;
  if (error.keyword === "additionalProperties") {
    const name = String(params["additionalProperty"]);
    const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
    const hint =
      didYouMean(name, known) || (known.length === 0 ? "there are none" : `expected one of ${known.join(", ")}`);
    return { path: [...path, name], text: `is not an argument; ${hint}` };
  }
  if (error.keyword === "required")
    return { path: [...path, String(params["missingProperty"])], text: "is required, and was not given" };
  if (error.keyword === "enum")
    return {
      path,
      text: `must be one of ${(error.schema as unknown[]).map(short).join(", ")}, came ${short(error.data)}`,
    };
  if (error.keyword === "const") return { path, text: `must be ${short(error.schema)}, came ${short(error.data)}` };
  if (error.keyword === "pattern")
    return { path, text: `must match ${unanchored(error.schema)}, came ${short(error.data)}` };
  return { path, text: `${error.message ?? error.keyword}, came ${short(error.data)}` };
}

/** The pattern as the catalogue has it. */
function unanchored(pattern: unknown): string {
  return String(pattern).replace(/^\^\(\?:([\s\S]*)\)\$$/, "the whole pattern $1");
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
