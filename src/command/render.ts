import { type Complaint, refuseAll } from "../base/refusal.ts";
import type { Values } from "./arguments.ts";
import type { Command, Element, Flag, Group, Item, Parameter } from "./command.ts";
import { parameterOf, takesArray } from "./command.ts";
import type { Variable } from "./environment.ts";
import { type Template, mentioned } from "./template.ts";

/** What a command is started with, but for what the host adds to its environment. */
export interface Rendering {
  /** The arguments after the program; for a shell script, what `"$@"` holds. */
  readonly args: readonly string[];
  readonly variables: readonly Variable[];
  readonly stdin: string | null;
  /** A path of the host, wherever the program runs. */
  readonly cwd: string;
  readonly files: readonly PrivateFile[];
}

/** A file of mode 0600 that stands while the command runs. */
export interface PrivateFile {
  readonly path: string;
  readonly content: string;
}

export interface Place {
  readonly callId: string;
  /** Where the file of an `as: file` parameter will stand. */
  filePath(parameter: string): string;
  /** Where the program sees a path of the host; null: nowhere. Absent: where it is. */
  inside?(path: string): string | null;
}

/** Linux's MAX_ARG_STRLEN is 128 KiB with the closing NUL; one argument or variable may not be longer. */
const LONGEST = 131_071;

/** Fills checked arguments into a command. Pure; refuses what could arrive as an option and what the system would not pass on. */
export function render(command: Command, values: Values, place: Place): Rendering {
  const files: PrivateFile[] = [];
  const shown = new Map<string, unknown>([
    ["workspace", command.workspace],
    ["call_id", place.callId],
  ]);
  // `null`, where a parameter takes it, is nothing, not the word.
  for (const [name, value] of values) if (value !== null) shown.set(name, value);
  for (const parameter of command.params.filter((each) => each.asFile && values.has(each.name))) {
    const path = place.filePath(parameter.name);
    files.push({ path, content: textOf(values.get(parameter.name)) });
    shown.set(parameter.name, path);
  }
  const complaints: Complaint[] = [];
  const complain: Filler["complain"] = (code, text) => complaints.push({ code, text });
  const filler: Filler = { command, values: seenInside(command, shown, { place, complain }), complain };
  const { program } = command;
  const args =
    program.kind === "argv" ? program.items.flatMap((item) => renderItem(item, filler)) : positionals(filler);
  const variables = [...(program.kind === "shell" ? shellVariables(filler) : []), ...setVariables(filler)];
  checkLengths(args, variables, filler);
  refuseAll(complaints);
  const stdin = command.stdin === null ? null : (fill(command.stdin, filler)?.join("") ?? null);
  return {
    args,
    variables,
    stdin,
    cwd: fill(command.cwd, { ...filler, values: shown })?.join("") ?? command.workspace,
    files,
  };
}

/** Paths of the host as the program will see them. */
function seenInside(
  command: Command,
  shown: Values,
  { place: { inside }, complain }: { readonly place: Place; readonly complain: Filler["complain"] },
): Values {
  if (!inside) return shown;
  const seen = new Map(shown);
  const workspace = inside(command.workspace);
  if (workspace === null) seen.delete("workspace");
  else seen.set("workspace", workspace);
  for (const { name, path, secret } of command.params) {
    const value = shown.get(name);
    if (path && value !== undefined) seen.set(name, Array.isArray(value) ? value.map(see) : see(value));

    function see(each: unknown): unknown {
      if (typeof each !== "string") return each;
      const found = inside?.(each) ?? null;
      const what = secret ? "it" : JSON.stringify(each);
      if (found === null) complain("path.outside", `${name}: no mount shows ${what} to the container`);
      return found ?? each;
    }
  }
  return seen;
}

interface Filler {
  readonly command: Command;
  readonly values: Values;
  complain(code: Complaint["code"], text: string): void;
}

function renderItem(item: Item, filler: Filler): readonly string[] {
  if (item.kind === "flags") return filler.command.params.flatMap((parameter) => renderFlag(parameter, filler));
  return item.kind === "group" ? renderGroup(item, filler) : renderElement(item, filler);
}

function renderGroup({ elements, over }: Group, filler: Filler): readonly string[] {
  const names = elements.flatMap((element) => mentioned(element.template));
  if (names.some((name) => textsOf(name, filler).length === 0)) return [];
  if (over === null) return elements.flatMap((element) => renderElement(element, filler));
  const items = filler.values.get(over);
  return (Array.isArray(items) ? items : [items]).flatMap((item) => {
    // As text: an item that is an array itself is one element, too.
    const inner = { ...filler, values: new Map([...filler.values, [over, textOf(item)]]) };
    return elements.flatMap((element) => renderElement(element, inner));
  });
}

function renderElement({ template, guarded }: Element, filler: Filler): readonly string[] {
  const [first, ...more] = template;
  if (more.length === 0 && typeof first === "object") {
    const texts = textsOf(first.param, filler);
    if (guarded) for (const text of texts) guard(text, first.param, filler);
    return texts;
  }
  const parts = fill(template, filler);
  if (!parts) return [];
  const text = parts.join("");
  // Also where an empty value lets the text behind it lead.
  const leading = template[parts.findIndex((part) => part !== "")];
  const blamed = typeof leading === "object" ? leading : first;
  if (guarded && typeof blamed === "object") guard(text, blamed.param, filler);
  return [text];
}

/** What places are filled from. */
export type Filling = Pick<Filler, "command" | "values">;

/** The text of each part; undefined when a parameter that is mentioned is absent. */
export function fill(template: Template, filler: Filling): readonly string[] | undefined {
  const parts = template.map((part) => (typeof part === "string" ? part : lone(part.param, filler)));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function lone(name: string, filler: Filling): string | undefined {
  const texts = textsOf(name, filler);
  return texts.length === 0 ? undefined : texts.join("");
}

/** The argv elements that a value stands for: none when it is absent or an empty array. */
export function textsOf(name: string, { command, values }: Filling): readonly string[] {
  if (!values.has(name)) return [];
  const value = values.get(name);
  if (!Array.isArray(value) || !takesArray(command, name)) return [textOf(value)];
  const join = parameterOf(command, name)?.join ?? null;
  const texts = value.map(textOf);
  return join === null || texts.length === 0 ? texts : [texts.join(join)];
}

function renderFlag(parameter: Parameter, filler: Filler): readonly string[] {
  const { flag, name } = parameter;
  if (!flag || !filler.values.has(name)) return [];
  const value = filler.values.get(name);
  if (flag.kind === "switch") return value === true ? flag.argv : [];
  if (flag.kind === "choice") return [value].flat().flatMap((chosen) => flag.argv[textOf(chosen)] ?? []);
  // A parameter may take a text or true: then the option stands alone.
  if (typeof value === "boolean")
    return value ? [flag.kind === "attached" ? flag.prefix.slice(0, -1) : flag.option] : [];
  const texts = isMap(value)
    ? Object.entries(value).map(([key, item]) => `${key}=${textOf(item)}`)
    : textsOf(name, filler);
  return texts.flatMap((text) => renderOption(flag, text, name, filler));
}

function renderOption(
  flag: Flag & { kind: "attached" | "separate" },
  text: string,
  name: string,
  filler: Filler,
): readonly string[] {
  if (flag.kind === "attached") return [flag.prefix + text];
  guard(text, name, filler);
  return [flag.option, text];
}

/** A program reads `-x` as an option wherever it stands. */
function guard(text: string, name: string, filler: Filler): void {
  const parameter = parameterOf(filler.command, name);
  if (!text.startsWith("-") || parameter?.leadingDash === true) return;
  const came = parameter?.secret === true ? "" : `, came ${JSON.stringify(text.slice(0, 60))}`;
  filler.complain(
    "dash.leading",
    `${name}: must not begin with "-" here, where the program would read it as an option${came}`,
  );
}

function positionals(filler: Filler): readonly string[] {
  const parameter = filler.command.params.find((each) => each.positional);
  if (!parameter) return [];
  const texts = textsOf(parameter.name, filler);
  for (const text of texts) guard(text, parameter.name, filler);
  return texts;
}

function shellVariables({ command, values }: Filler): readonly Variable[] {
  return command.params
    .filter((parameter) => !parameter.positional && values.has(parameter.name))
    .map(({ name, join }) => {
      const value = values.get(name);
      const text = Array.isArray(value) && join !== null ? value.map(textOf).join(join) : textOf(value);
      return { name: `arg_${name}`, value: text, from: "argument" };
    });
}

function setVariables(filler: Filler): readonly Variable[] {
  return Object.entries(filler.command.env.set).flatMap(([name, template]) => {
    const parts = fill(template, filler);
    if (!parts) return [];
    return [{ name, value: parts.join(""), from: mentioned(template).length > 0 ? "argument" : "file" } as const];
  });
}

function checkLengths(args: readonly string[], variables: readonly Variable[], filler: Filler): void {
  const texts = [
    ...args.map((text) => ["an argument", text] as const),
    ...variables.map(({ name, value }) => [name, `${name}=${value}`] as const),
  ];
  for (const [name, text] of texts) {
    const bytes = Buffer.byteLength(text);
    if (bytes > LONGEST)
      filler.complain(
        "arguments.too_large",
        `${name}: ${bytes} bytes, and the system passes on ${LONGEST} at most; use \`as: file\` or \`stdin\` for long texts`,
      );
  }
}

/** Text stays as it is; everything else is written as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
