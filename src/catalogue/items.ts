import type { Element, Group, Item } from "../command/command.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { type Draft, templateOf, within } from "./draft.ts";
import { neverLeadsWithDash } from "./param-schema.ts";
import { type Parameters, typesOf } from "./params.ts";
import type { Node, ScalarNode } from "./node.ts";

export interface Reader {
  readonly draft: Draft;
  readonly params: Parameters;
  readonly names: ReadonlySet<string>;
}

/** Reads what follows the program in an argv list. */
export function readItems(reader: Reader, nodes: readonly Node[], program: Node): readonly Item[] {
  let free = false;
  const items = nodes.flatMap<Item>((node) => {
    if (node.kind === "mapping") return [];
    if (node.kind === "sequence") return [readGroup(reader, node.items, node, free)];
    const element = readElement(reader, node, { free, over: null, warn: true });
    if (endsOptions(element.template)) free = true;
    return lonePlace(element.template) === "flags" ? [{ kind: "flags" }] : [element];
  });
  checkFlagsPlace(reader, items, program);
  return items;
}

interface Place {
  /** After `--`: nothing is read as an option. */
  readonly free: boolean;
  /** The array over whose items the group repeats. */
  readonly over: string | null;
  /** Whether a bare placeholder is worth a warning here. */
  readonly warn: boolean;
}

function readGroup(reader: Reader, nodes: readonly Node[], at: Node, startsFree: boolean): Group {
  const { draft, params } = reader;
  const scalars = nodes.filter((node) => node.kind === "scalar");
  const mentions = new Set(
    scalars.flatMap((node) => [...node.template.matchAll(/\$\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? "")),
  );
  const arrays = [...mentions].filter((name) => isArray(params, name) && params.raw.get(name)?.join === undefined);
  if (mentions.size === 0)
    draft.error(
      at,
      "group",
      "an optional group that mentions no parameter never vanishes",
      "write its elements without the inner brackets",
    );
  if (arrays.length > 1)
    draft.error(
      at,
      "group",
      `a group repeats over one array; ${arrays.join(" and ")} are two`,
      "give all but one a `join`, or split the group",
    );
  const over = arrays[0] ?? null;
  let free = startsFree;
  let afterOption = false;
  const elements = scalars.map((node) => {
    const element = readElement(reader, node, { free, over, warn: !afterOption });
    if (mentioned(element.template).includes("flags"))
      draft.error(node, "flags-place", "`${{ flags }}` stands alone, outside of groups");
    const [first] = element.template;
    afterOption = typeof first === "string" && first.startsWith("-");
    if (endsOptions(element.template)) free = true;
    return element;
  });
  return { kind: "group", elements, over };
}

function readElement({ draft, params, names }: Reader, node: ScalarNode, place: Place): Element {
  const template = templateOf(draft, node, names);
  const [first, ...more] = template;
  if (more.length > 0) {
    for (const name of mentioned(template)) {
      if (name === "flags")
        draft.error(node, "flags-place", "`${{ flags }}` stands alone in its element", "make it an element of its own");
      else if (name !== place.over) checkArrayInText(draft, node, params, name);
    }
  }
  if (typeof first === "string" && more.length > 0 && !place.free)
    checkOptionName({ draft, params, names }, node, template);
  const guarded = !place.free && typeof first === "object";
  if (guarded && first.param !== "flags") checkBare({ draft, params, names }, node, first.param, place);
  return { kind: "element", template, guarded };
}

export function checkArrayInText(draft: Draft, node: ScalarNode, params: Parameters, name: string): void {
  if (!isArray(params, name) || params.raw.get(name)?.join !== undefined) return;
  draft.error(
    within(draft, node, name),
    "array-in-text",
    `"${name}" is an array, and this is one element of text`,
    `add \`join: ","\` to it, or let it stand alone`,
  );
}

function isArray(params: Parameters, name: string): boolean {
  const words = params.raw.get(name);
  return words !== undefined && typesOf(words).includes("array");
}

/** `-${{ x }}` and `--out${{ x }}` let the value say which option it is, unless it can only be digits. */
function checkOptionName({ draft, params }: Reader, node: ScalarNode, [literal, place]: Template): void {
  if (typeof literal !== "string" || typeof place !== "object" || !/^(?:-+|--[\w-]+)$/.test(literal)) return;
  const words = params.raw.get(place.param);
  if (!words || (words.type === "integer" && neverLeadsWithDash(words))) return;
  const hint = /^-+$/.test(literal)
    ? "write the option's whole name"
    : `write \`${literal}=\` before the placeholder, or make two elements of it`;
  draft.error(node, "option-name", "a value could choose or finish the name of this option", hint);
}

function checkBare({ draft, params }: Reader, node: ScalarNode, name: string, place: Place): void {
  const words = params.raw.get(name);
  if (!words) return;
  if (words.leading_dash === "allow") {
    draft.warn(
      node,
      "leading-dash",
      `only \`leading_dash: allow\` lets "${name}" begin with "-" here, where the program reads it as an option`,
      "put `--` before it if the program knows that",
    );
  } else if (place.warn && !neverLeadsWithDash(words)) {
    draft.warn(
      node,
      "bare-placeholder",
      `a value of "${name}" that begins with "-" is refused here, because the program would read it as an option`,
      'put `"--"` before it, or use the attached form such as `--name=${{ ' + name + " }}`",
    );
  }
}

function endsOptions(template: Template): boolean {
  return template.length === 1 && (template[0] === "--" || template[0] === "--end-of-options");
}

function checkFlagsPlace({ draft, params }: Reader, items: readonly Item[], first: Node): void {
  const places = items.filter((item) => item.kind === "flags").length;
  const flagged = params.list.filter((parameter) => parameter.flag !== null);
  if (places > 1) draft.error(first, "flags-place", "`${{ flags }}` stands more than once", "keep one of them");
  if (places === 0 && flagged.length > 0)
    draft.error(
      first,
      "flags-place",
      `${flagged.map((each) => `"${each.name}"`).join(", ")} would render at \`\${{ flags }}\`, which \`run\` does not have`,
      'add "${{ flags }}" to `run`',
    );
  if (places > 0 && flagged.length === 0)
    draft.error(
      first,
      "flags-place",
      "`run` has `${{ flags }}`, and no parameter has a `flag`",
      "remove the place, or give a parameter a `flag`",
    );
}
