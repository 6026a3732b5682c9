import type { Command, Item, Parameter } from "./command.ts";
import { type Template, mentioned } from "./template.ts";
import type { HookBody, HookValue } from "./webhook.ts";

/** One place where the value of a parameter ends up. */
export interface Landing {
  readonly kind:
    | "argv"
    | "flag"
    | "variable"
    | "positional"
    | "stdin"
    | "cwd"
    | "url"
    | "header"
    | "body"
    | "mount"
    | "question";
  /** Where it is, in words; for an argument, the element of `run` as it is written. */
  readonly place: string;
  /** Of an argument: which element of `run` it is, the program being 0. */
  readonly position?: number;
  /** Whether a value that begins with `-` is refused there. */
  readonly guarded: boolean;
}

/** Every place where a call's value of a parameter ends up. */
export function landingsOf(command: Command, parameter: Parameter): readonly Landing[] {
  const { name } = parameter;
  const isHere = (template: Template | null): boolean => template !== null && mentioned(template).includes(name);
  const at = (kind: Landing["kind"], place: string, found: boolean, guarded = false): readonly Landing[] =>
    found ? [{ kind, place, guarded }] : [];
  return [
    ...inProgram(command, parameter),
    ...inRequest(command, isHere),
    ...Object.entries(command.env.set).flatMap(([key, template]) => at("variable", key, isHere(template))),
    ...at("stdin", "stdin", isHere(command.stdin)),
    ...at("cwd", "the working directory", isHere(command.cwd)),
    ...(command.container?.mounts ?? []).flatMap(({ source, target }) =>
      at("mount", `mounted at ${target}`, source.kind === "bind" && isHere(source.path)),
    ),
    ...at("question", "the question of `confirm`", isHere(command.confirm)),
  ];
}

/** A template as it is written. */
export function written(template: Template): string {
  return template.map((part) => (typeof part === "string" ? part : `\${{ ${part.param} }}`)).join("");
}

/** An element or group of `run` as it is written. */
export function writtenItem(item: Item): string {
  if (item.kind === "flags") return "${{ flags }}";
  return item.kind === "element"
    ? written(item.template)
    : `[${item.elements.map(({ template }) => written(template)).join(", ")}]`;
}

function inProgram({ program, webhook }: Command, parameter: Parameter): readonly Landing[] {
  const { name, flag, positional, leadingDash } = parameter;
  if (webhook) return [];
  if (program.kind === "shell")
    return positional
      ? [{ kind: "positional", place: '"$@"', guarded: !leadingDash }]
      : [{ kind: "variable", place: `arg_${name}`, guarded: false }];
  const flags: readonly Landing[] = flag
    ? [{ kind: "flag", place: writtenFlag(parameter), guarded: flag.kind === "separate" && !leadingDash }]
    : [];
  const elements = program.items.flatMap((item, index): readonly Landing[] => {
    const inside = item.kind === "group" ? item.elements : item.kind === "element" ? [item] : [];
    const mine = inside.filter(({ template }) => mentioned(template).includes(name));
    if (mine.length === 0) return [];
    const guarded = !leadingDash && mine.some((each) => each.guarded);
    return [{ kind: "argv", place: writtenItem(item), position: index + 1, guarded }];
  });
  return [...flags, ...elements];
}

function writtenFlag({ name, flag }: Parameter): string {
  if (flag?.kind === "switch") return flag.argv.join(" ");
  if (flag?.kind === "attached") return `${flag.prefix}\${{ ${name} }}`;
  if (flag?.kind === "separate") return `${flag.option} \${{ ${name} }}`;
  return Object.entries(flag?.argv ?? {})
    .map(([value, argv]) => `${value}: ${argv.length === 0 ? "nothing" : argv.join(" ")}`)
    .join(", ");
}

function inRequest({ webhook }: Command, isHere: (template: Template | null) => boolean): readonly Landing[] {
  if (!webhook) return [];
  const { url, headers, body } = webhook;
  const found = (kind: Landing["kind"], place: string): Landing => ({ kind, place, guarded: false });
  return [
    ...url.segments.filter(isHere).map((segment) => found("url", `/${written(segment)} of the URL's path`)),
    ...url.query.filter(([, value]) => isHere(value)).map(([name]) => found("url", `${name}= of the URL's query`)),
    ...Object.entries(headers)
      .filter(([, value]) => isHere(value))
      .map(([name]) => found("header", `the header ${name}`)),
    ...placesInBody(body, isHere).map((place) => found("body", place)),
  ];
}

function placesInBody(body: HookBody | null, isHere: (template: Template) => boolean): readonly string[] {
  if (!body || body.format === "verbatim") return [];
  if (body.format === "markup" || body.format === "text") return isHere(body.template) ? ["the body"] : [];
  if (body.format === "form")
    return body.fields.flatMap(([name, value]) => pointers(value, `/${name}`, isHere)).map((at) => `${at} of the form`);
  return pointers(body.value, "", isHere).map((at) => (at === "" ? "the body" : `${at} of the body`));
}

/** JSON pointers of the texts that mention it. */
function pointers(value: HookValue, at: string, isHere: (template: Template) => boolean): readonly string[] {
  if (value.kind === "text") return isHere(value.template) ? [at] : [];
  if (value.kind === "list") return value.items.flatMap((item, index) => pointers(item, `${at}/${index}`, isHere));
  if (value.kind === "map") return value.entries.flatMap(([name, item]) => pointers(item, `${at}/${name}`, isHere));
  return [];
}
