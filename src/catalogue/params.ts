import type { Flag, JsonSchema, Parameter, PathRule } from "../command/command.ts";
import { type Draft, type Setting, folderAt } from "./draft.ts";
import { type RawParameter, checkValue, cleanSchema } from "./param-schema.ts";
import { toValue } from "./node.ts";

/** The parameters of a command, with the raw schema of each for the checks of `run`. */
export interface Parameters {
  readonly list: readonly Parameter[];
  readonly raw: ReadonlyMap<string, RawParameter>;
  /** Names that were declared, the faulty ones too: a mistake inside one is no reason to call it unknown. */
  readonly declared: ReadonlySet<string>;
  /** Those with a `flag`, the faulty ones too. */
  readonly flagged: ReadonlySet<string>;
  /** Whether the parameters could not be read at all, so that any name may be one. */
  readonly isOpen: boolean;
  readonly inputSchema: JsonSchema;
}

export const NO_PARAMETERS: Parameters = {
  list: [],
  raw: new Map(),
  declared: new Set(),
  flagged: new Set(),
  isOpen: false,
  inputSchema: {},
};

export function readParams(draft: Draft, isShell: boolean, setting: Setting): Parameters {
  const list: Parameter[] = [];
  const raw = new Map<string, RawParameter>();
  const properties: Record<string, JsonSchema> = {};
  const node = draft.nodeOf("params");
  const entries = node?.kind === "mapping" ? [...node.entries] : [];
  const flagged = new Set<string>();
  // Also where one parameter is faulty: the others are still read.
  for (const [name, entry] of entries) {
    if (entry.value.kind !== "mapping") continue;
    const param = draft.inside(entry.value);
    if (param.mayHave("flag")) flagged.add(name);
    if (!param.isUsable()) continue;
    const words = toValue(entry.value) as RawParameter;
    raw.set(name, words);
    list.push(readParameter(name, words, param, isShell, setting));
    properties[name] = cleanSchema(words);
    checkValue(param, words, properties[name]);
    if (setting.reserved.options.includes(name)) {
      draft.warn(
        entry.key,
        "name-clash",
        `on the command line \`--${name}\` is an option of mcpfier`,
        `there the parameter is given by \`--args '{"${name}": ...}'\``,
      );
    }
  }
  onePositional(draft, list);
  const required = list.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  const inputSchema = {
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
  const declared = new Set(entries.map(([name]) => name));
  return { list, raw, declared, flagged, isOpen: node === undefined && draft.mayHave("params"), inputSchema };
}

function readParameter(name: string, words: RawParameter, draft: Draft, isShell: boolean, setting: Setting): Parameter {
  const isArray = typesOf(words).includes("array");
  if (words.join !== undefined && !isArray)
    draft.error(draft.at("join"), "bad-value", "`join` is for arrays", "remove it, or set `type: array`");
  if (words.flag !== undefined && isShell)
    draft.error(
      draft.at("flag"),
      "flags-place",
      "a shell script has no place for flags",
      `use $arg_${name} in the script`,
    );
  if (words.positional === true && !(isShell && isArray))
    draft.error(
      draft.at("positional"),
      "bad-value",
      '`positional` is for an array of a shell script, where it is "$@"',
    );
  return {
    name,
    required: words.required === true,
    path: readPathRule(words, draft, setting),
    flag: readFlag(words, draft),
    join: words.join ?? null,
    asFile: words.as === "file",
    leadingDash: words.leading_dash === "allow",
    secret: words.secret === true,
    positional: words.positional === true,
  };
}

export function typesOf(words: RawParameter): readonly string[] {
  return [words.type ?? []].flat();
}

function readPathRule(words: RawParameter, draft: Draft, setting: Setting): PathRule | null {
  const items = typeof words.items === "object" ? words.items : undefined;
  if (words.type !== "path" && !(words.type === "array" && items?.type === "path")) {
    for (const key of ["within", "exists"] as const) {
      if (words[key] !== undefined)
        draft.error(draft.at(key), "path-place", `\`${key}\` is for \`type: path\``, "set `type: path`, or remove it");
    }
    return null;
  }
  return { roots: rootsOf(words.within, setting), exists: words.exists ?? null };
}

/** The real paths of the roots that `within` names. */
export function rootsOf(within: RawParameter["within"], setting: Setting): readonly string[] {
  const roots = [within ?? "workspace"]
    .flat()
    .map((root) => (root === "workspace" ? setting.workspace : folderAt(root, setting)));
  return roots.map((root) => setting.world.real(root) ?? root);
}

function readFlag(words: RawParameter, draft: Draft): Flag | null {
  const { flag } = words;
  const choices = words.enum !== undefined && !isList(words.enum) ? words.enum : null;
  function fault(key: "flag" | "enum", message: string, hint: string): null {
    draft.error(draft.at(key), "bad-value", message, hint);
    return null;
  }
  if (choices && flag !== true)
    return fault("enum", "a map of argv elements needs `flag: true`", "add `flag: true`, or write `enum` as a list");
  if (choices)
    return {
      kind: "choice",
      argv: Object.fromEntries(Object.entries(choices).map(([value, argv]) => [value, argv.map(String)])),
    };
  if (flag === undefined) return null;
  if (typeof flag === "boolean")
    return fault(
      "flag",
      "`flag: true` goes with `enum` as a map from values to argv elements",
      "write the option itself, such as `flag: --max=`",
    );
  const isSwitch = words.type === "boolean" || (isList(flag) && typesOf(words).includes("boolean"));
  if (isSwitch) return { kind: "switch", argv: [flag].flat().map(String) };
  if (isList(flag))
    return fault("flag", "a list of elements is for a boolean", "write one option, such as `flag: --max=`");
  return flag.endsWith("=") ? { kind: "attached", prefix: flag } : { kind: "separate", option: flag };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function onePositional(draft: Draft, list: readonly Parameter[]): void {
  const positional = list.filter((parameter) => parameter.positional);
  if (positional.length > 1)
    draft.error(
      draft.at("params"),
      "bad-value",
      `only one parameter can be "$@"; positional are ${positional.map((each) => each.name).join(", ")}`,
    );
}
