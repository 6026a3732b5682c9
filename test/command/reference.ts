// What `design/catalogue.md` says an argv is, written a second time and as simply as possible. It reads the catalogue as it
// is written and calls nothing of src/command.
import { LONGEST } from "./hostile.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface RawParam {
  readonly type: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly enum?: readonly Json[] | Readonly<Record<string, readonly string[]>>;
  readonly items?: { readonly type: string };
  readonly flag?: string | readonly string[] | true;
  readonly join?: string;
  readonly leading_dash?: "allow";
  readonly positional?: true;
  readonly minimum?: number;
}

export interface RawCommand {
  readonly name: string;
  readonly run: readonly (string | readonly string[])[];
  readonly params: Readonly<Record<string, RawParam>>;
}

export type Given = Readonly<Record<string, Json>>;

/** The arguments after the program, or the codes of the refusals that are right. */
export type Expected = { readonly argv: readonly string[] } | { readonly refused: ReadonlySet<string> };

export function expectedArgv(command: RawCommand, given: Given): Expected {
  const values = settled(command, given);
  if (values === null) return { refused: new Set(["arguments.invalid"]) };
  const context: Context = { params: command.params, values, refused: new Set() };
  const argv: string[] = [];
  let afterDashes = false;
  for (const piece of command.run.slice(1)) {
    if (typeof piece !== "string") {
      argv.push(...group(piece, afterDashes, context));
      continue;
    }
    argv.push(...(piece === "${{ flags }}" ? flags(context) : element(piece, afterDashes, context)));
    if (piece === "--" || piece === "--end-of-options") afterDashes = true;
  }
  if (argv.some((each) => Buffer.byteLength(each) > LONGEST)) context.refused.add("arguments.too_large");
  return context.refused.size > 0 ? { refused: context.refused } : { argv };
}

/** What `"$@"` and each `arg_*` hold in a shell script. */
export function expectedShell(
  command: Pick<RawCommand, "params">,
  given: Given,
):
  | { readonly positional: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly refused: ReadonlySet<string> } {
  const values = settled(command, given);
  if (values === null) return { refused: new Set(["arguments.invalid"]) };
  const refused = new Set<string>();
  const env: Record<string, string> = {};
  let positional: readonly string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const param = command.params[name];
    if (param?.positional) {
      positional = (value as readonly Json[]).map(text);
      if (positional.some((each) => each.startsWith("-"))) refused.add("dash.leading");
      if (positional.some((each) => Buffer.byteLength(each) > LONGEST)) refused.add("arguments.too_large");
    } else {
      env[name] = Array.isArray(value) && param?.join !== undefined ? value.map(text).join(param.join) : text(value);
      if (Buffer.byteLength(`arg_${name}=${env[name]}`) > LONGEST) refused.add("arguments.too_large");
    }
  }
  return refused.size > 0 ? { refused } : { positional, env };
}

interface Context {
  readonly params: RawCommand["params"];
  readonly values: Given;
  readonly refused: Set<string>;
}

/** The given values and the defaults; null when one of them cannot be text of a program, or a required one is missing. */
function settled(command: Pick<RawCommand, "params">, given: Given): Given | null {
  const values: Record<string, Json> = Object.create(null);
  for (const [name, param] of Object.entries(command.params)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const filled = value === null || value === undefined ? param.default : value;
    if (filled !== undefined) values[name] = filled;
    else if (param.required) return null;
  }
  return Object.values(values).every(isPassable) ? values : null;
}

function isPassable(value: Json): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, item]) => isPassable(key) && isPassable(item));
}

function element(piece: string, isFree: boolean, context: Context): readonly string[] {
  const whole = nameOf(piece);
  if (whole !== undefined) {
    const texts = textsOf(whole, context) ?? [];
    if (!isFree) for (const each of texts) forbidDash(whole, each, context);
    return texts;
  }
  const pieces = piece.split(/(\$\$\{|\$\{\{ \w+ \}\})/).filter((each) => each !== "");
  const names = pieces.map(nameOf).filter((name) => name !== undefined);
  if (names.some((name) => (textsOf(name, context) ?? []).length === 0)) return [];
  let built = "";
  for (const part of pieces) {
    const name = nameOf(part);
    const filled = name === undefined ? (part === "$${" ? "${" : part) : (textsOf(name, context) ?? []).join("");
    // Behind text it is attached, and free; where nothing stands before it, it is bare. A value that is empty answers for the
    // text behind it, which it lets lead.
    const bare = name ?? nameOf(pieces[0] ?? "");
    if (bare !== undefined && built === "" && !isFree) forbidDash(bare, filled, context);
    built += filled;
  }
  return [built];
}

function nameOf(part: string): string | undefined {
  return /^\$\{\{ (\w+) \}\}$/.exec(part)?.[1];
}

function group(pieces: readonly string[], startsFree: boolean, context: Context): readonly string[] {
  const names = new Set(
    pieces.flatMap((piece) =>
      [...piece.replaceAll("$${", "").matchAll(/\$\{\{ (\w+) \}\}/g)].map((match) => match[1] ?? ""),
    ),
  );
  for (const name of names) if ((textsOf(name, context) ?? []).length === 0) return [];
  const over = [...names].find(
    (name) => context.params[name]?.type === "array" && context.params[name].join === undefined,
  );
  const rounds =
    over === undefined
      ? [context.values]
      : (context.values[over] as readonly Json[]).map((item) =>
          Object.assign(Object.create(null) as Record<string, Json>, context.values, { [over]: item }),
        );
  return rounds.flatMap((values) => {
    let isFree = startsFree;
    return pieces.flatMap((piece) => {
      const made = element(piece, isFree, { ...context, values });
      if (piece === "--" || piece === "--end-of-options") isFree = true;
      return made;
    });
  });
}

function flags(context: Context): readonly string[] {
  return Object.entries(context.params).flatMap(([name, { flag, enum: choices }]) => {
    const value = context.values[name];
    if (flag === undefined || value === undefined) return [];
    if (choices && !Array.isArray(choices))
      return (choices as Readonly<Record<string, readonly string[]>>)[text(value)] ?? [];
    if (typeof value === "boolean") return value ? [flag as string | readonly string[]].flat() : [];
    const texts =
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([key, item]) => `${key}=${text(item)}`)
        : (textsOf(name, context) ?? []);
    return texts.flatMap((each) => {
      if (String(flag).endsWith("=")) return [`${String(flag)}${each}`];
      forbidDash(name, each, context);
      return [String(flag), each];
    });
  });
}

function textsOf(name: string, { params, values }: Context): readonly string[] | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return [text(value)];
  const join = params[name]?.join;
  return join === undefined || value.length === 0 ? value.map(text) : [value.map(text).join(join)];
}

function forbidDash(name: string, value: string, { params, refused }: Context): void {
  if (value.startsWith("-") && params[name]?.leading_dash !== "allow") refused.add("dash.leading");
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
