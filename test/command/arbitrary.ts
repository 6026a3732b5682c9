// Generators of whole commands and of arguments that fit them.
import fc from "fast-check";
import { anyText, longText, passable, yamlOf } from "./hostile.ts";
import type { Given, Json, RawCommand, RawParam } from "./reference.ts";

export interface Case {
  readonly command: RawCommand;
  readonly calls: readonly Given[];
}

/**
 * So many values that are made by picks. They share one `fc.gen()`: it takes nothing from the source of randomness that it stands in,
 * so an array of generators would hold the same value again and again.
 */
export function many<T>(count: number, make: (pick: Pick) => T): fc.Arbitrary<readonly T[]> {
  return fc.gen().map((g) => Array.from({ length: count }, () => make((arbitrary) => g(same, arbitrary))));
}

/** A command with some calls of it. The name is `c` and a number that the caller gives. */
export function caseOf(
  pick: Pick,
  calls: number,
): Omit<Case, "command"> & { readonly command: Omit<RawCommand, "name"> } {
  const params = paramsOf(pick);
  const run = runOf(pick, params);
  return { command: { run, params }, calls: Array.from({ length: calls }, () => givenOf(pick, params)) };
}

/** The commands as a catalogue writes them: a literal `${` in what is not read as a template is doubled, too. */
export function catalogueOf(commands: readonly RawCommand[], more: object = {}): string {
  return yamlOf({
    commands: commands.map(({ name, run, params }) => ({
      name,
      description: "d",
      run,
      params: doubled(params),
      ...more,
    })),
  });
}

function doubled(value: unknown): unknown {
  if (typeof value === "string") return escaped(value);
  if (Array.isArray(value)) return value.map(doubled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, doubled(item)]));
}

/** Arguments for some parameters. */
export function givenOf(pick: Pick, params: RawCommand["params"]): Given {
  // One long text a call at most: all arguments together may not be longer than 2 MiB.
  let mayBeLong = pick(OFTEN) === 0;
  const given: Record<string, Json> = {};
  for (const [name, param] of Object.entries(params)) {
    const fate = pick(PERCENT);
    if (fate < 20 && !param.required) continue;
    if (fate < 25 && !param.required) given[name] = null;
    else if (mayBeLong && param.type === "string" && !param.enum) {
      given[name] = pick(longText);
      mayBeLong = false;
    } else given[name] = pick(valueOf(param));
  }
  return given;
}

export type Pick = <T>(arbitrary: fc.Arbitrary<T>) => T;

function same<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary;
}

const PERCENT = fc.nat(99);
const OFTEN = fc.nat(24);
const NAMES = fc.shuffledSubarray(
  ["x0", "x1", "x2", "constructor", "toString", "hasOwnProperty", "valueOf", "length", "args", "run", "_", "Zz_9"],
  { minLength: 0, maxLength: 5 },
);

/** Every JSON number that is exact; `-0` is not one of them. */
const NUMBER = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
);
const INTEGER = fc.maxSafeInteger();
const TEXTS = fc.array(anyText, { maxLength: 4 });
const INTEGERS = fc.array(fc.integer(), { maxLength: 4 });
const SCALAR = fc.oneof(anyText, fc.integer(), fc.boolean(), fc.constant(null));
const OBJECT = fc.dictionary(
  anyText.filter((key) => key !== "__proto__"),
  fc.oneof({ weight: 5, arbitrary: SCALAR }, { weight: 1, arbitrary: fc.array(SCALAR, { maxLength: 2 }) }),
  { maxKeys: 3, noNullPrototype: true },
) as fc.Arbitrary<Json>;
const BOOLEAN = fc.boolean();

function valueOf(param: RawParam): fc.Arbitrary<Json> {
  if (param.enum)
    return fc.constantFrom(...(Array.isArray(param.enum) ? (param.enum as readonly Json[]) : Object.keys(param.enum)));
  if (param.type === "array") return param.items?.type === "integer" ? INTEGERS : TEXTS;
  return BY_TYPE[param.type] ?? anyText;
}

const BY_TYPE: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  string: anyText,
  integer: INTEGER,
  number: NUMBER,
  boolean: BOOLEAN,
  object: OBJECT,
};

const KIND = fc.constantFrom(
  "string",
  "string",
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "array",
  "array",
  "choice",
  "list",
);
const OPTION = fc.constantFrom("--opt=", "--opt", "-C", "-o=", "--a-b=", "=", "+x", "--opt=--inner=");
const JOIN = fc.constantFrom(",", "", " ", "\n", "=", "-", "--", "${{ x0 }}".replace("${", "{"), "'", ";");
const LITERALS = fc.array(passable, { minLength: 0, maxLength: 2 });
const CHOICES = fc.dictionary(
  passable.filter(
    (key) => key !== "__proto__" && key !== "<<" && key.length < 200 && Object.keys({ [key]: 0 })[0] === key,
  ),
  LITERALS,
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const LIST = fc.uniqueArray(passable, { minLength: 1, maxLength: 3 });

function paramsOf(pick: Pick): Readonly<Record<string, RawParam>> {
  return Object.fromEntries(pick(NAMES).map((name) => [name, paramOf(pick)]));
}

function paramOf(pick: Pick): RawParam {
  const kind = pick(KIND);
  const hasFlag = pick(PERCENT) < 45;
  const rare = {
    ...(pick(PERCENT) < 15 ? { leading_dash: "allow" as const } : {}),
    ...(pick(PERCENT) < 15 ? { required: true } : {}),
  };
  if (kind === "choice") return { type: "string", enum: pick(CHOICES), flag: true, ...rare };
  if (kind === "list") return { type: "string", enum: pick(LIST), ...(hasFlag ? { flag: pick(OPTION) } : {}), ...rare };
  if (kind === "boolean")
    return {
      type: "boolean",
      ...(hasFlag ? { flag: pick(PERCENT) < 50 ? "--toc" : ["--toc", "-x", "y z"] } : {}),
      ...rare,
    };
  if (kind === "array") {
    const items = pick(PERCENT) < 80 ? { type: "string" } : { type: "integer" };
    return {
      type: "array",
      items,
      ...(pick(PERCENT) < 40 ? { join: pick(JOIN) } : {}),
      ...(hasFlag ? { flag: pick(OPTION) } : {}),
      ...rare,
    };
  }
  const value = pick(PERCENT) < 25 && kind === "string" ? { default: pick(passable) } : {};
  return { type: kind, ...value, ...(hasFlag ? { flag: pick(OPTION) } : {}), ...rare };
}

const PIECES = fc.integer({ min: 1, max: 6 });
const FEW = fc.integer({ min: 1, max: 3 });

function runOf(pick: Pick, params: RawCommand["params"]): RawCommand["run"] {
  const names = Object.keys(params);
  const lone = (name: string): boolean => params[name]?.type !== "array" || params[name].join !== undefined;
  const texts = names.filter(lone);
  const pieces: (string | readonly string[])[] = Array.from({ length: pick(PIECES) }, () => {
    const fate = pick(PERCENT);
    if (fate < 8) return pick(PERCENT) < 80 ? "--" : "--end-of-options";
    if (fate < 35 && names.length > 0) return `\${{ ${pick(fc.constantFrom(...names))} }}`;
    if (fate < 55 && texts.length > 0) return textPiece(pick, texts);
    if (fate < 80 && names.length > 0) return groupPiece(pick, names, texts);
    return literalPiece(pick);
  });
  const hasFlags = names.some((name) => params[name]?.flag !== undefined);
  if (hasFlags) pieces.splice(pick(PERCENT) % (pieces.length + 1), 0, "${{ flags }}");
  return ["printf", "%s\\0", "|", ...pieces];
}

function groupPiece(pick: Pick, names: readonly string[], texts: readonly string[]): readonly string[] {
  // One array that repeats at the most: the first name may be one, the others are texts.
  const first = pick(fc.constantFrom(...names));
  const others = [first, ...texts];
  const rest = Array.from({ length: pick(FEW) - 1 }, () => {
    const fate = pick(PERCENT);
    if (fate < 15) return "--";
    if (fate < 45) return `\${{ ${pick(fc.constantFrom(...others))} }}`;
    return fate < 75 ? textPiece(pick, others) : literalPiece(pick);
  });
  const own = pick(PERCENT) < 60 ? `\${{ ${first} }}` : textPiece(pick, [first]);
  const at = pick(PERCENT) % (rest.length + 1);
  return [...rest.slice(0, at), own, ...rest.slice(at)];
}

/** Text with at least one place. */
function textPiece(pick: Pick, names: readonly string[]): string {
  let written = "";
  for (let places = pick(FEW); places > 0; places--) {
    if (pick(PERCENT) < 70) written += literalPiece(pick).replace(/\$+$/, "");
    written += `\${{ ${pick(fc.constantFrom(...names))} }}`;
  }
  if (pick(PERCENT) < 30) written += literalPiece(pick);
  // These do not load: the value could choose or finish the name of an option.
  const start = /^((?:-+|--[\w-]+))\$\{\{/.exec(written)?.[1];
  return start === undefined ? written : `${start}=${written.slice(start.length)}`;
}

const PROGRAMS = /(?:^|\/)(?:\w*sh|node|perl|ruby|php|lua|python[\d.]*)$/;

function literalPiece(pick: Pick): string {
  const text = pick(passable);
  // The name of an interpreter before a `-c` is a script in disguise, which does not load.
  return escaped(PROGRAMS.test(text) ? `${text}.` : text);
}

/** As a catalogue writes text in which nothing is to be filled in. */
function escaped(text: string): string {
  return text.replaceAll("${", () => "$${");
}
