import type { Element, Group, Item } from "../command/command.ts";
import { type Template, lonePlace, mentioned, parseTemplate } from "../command/template.ts";
import { neverLeadsWithDash } from "./leading-dash.ts";
import { type Reader, checkArrayInText, spreads, templateOf } from "./places.ts";
import type { Node, ScalarNode } from "./node.ts";
import type { Range } from "./source.ts";

/** Reads what follows the program in an argv list; `program` is the place of what precedes it. */
export function readItems(reader: Reader, nodes: readonly Node[], program: Range): readonly Item[] {
  let free = false;
  const flagsPlaces: Node[] = [];
  const items = nodes.flatMap<Item>((node) => {
    if (node.kind === "mapping" || reader.draft.isBroken(node)) return [];
    if (node.kind === "sequence") return [readGroup(reader, node.items, node, free)];
    const element = readElement(reader, node, { free, over: null, warn: true });
    if (endsOptions(element.template)) free = true;
    if (lonePlace(element.template) !== "flags") return [element];
    flagsPlaces.push(node);
    return [{ kind: "flags" }];
  });
  checkFlagsPlace(reader, flagsPlaces, program);
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
  const scalars = nodes.filter((node) => node.kind === "scalar").filter((node) => !draft.isBroken(node));
  const mentions = new Set(scalars.flatMap((node) => mentioned(parseTemplate(node.template).template)));
  const arrays = [...mentions].filter((name) => spreads(params, name));
  if (mentions.size === 0 && scalars.length === nodes.length)
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

function readElement(reader: Reader, node: ScalarNode, place: Place): Element {
  const template = templateOf(reader, node);
  const [first, ...more] = template;
  if (more.length > 0) {
    for (const name of mentioned(template)) {
      if (name === "flags")
        reader.draft.error(
          node,
          "flags-place",
          "`${{ flags }}` stands alone in its element",
          "make it an element of its own",
        );
      else if (name !== place.over) checkArrayInText(reader, node, name);
    }
  }
  if (typeof first === "string" && more.length > 0 && !place.free) checkOptionName(reader, node, template);
  const guarded = !place.free && typeof first === "object";
  if (guarded && first.param !== "flags") checkBare(reader, node, first.param, place);
  return { kind: "element", template, guarded };
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

function checkFlagsPlace({ draft, params }: Reader, places: readonly Node[], program: Range): void {
  const [place, second] = places;
  if (second) draft.error(second, "flags-place", "`${{ flags }}` stands more than once", "keep one of them");
  const flagged = params.list.filter((parameter) => parameter.flag !== null);
  if (!place && flagged.length > 0)
    draft.error(
      program,
      "flags-place",
      `${flagged.map((each) => `"${each.name}"`).join(", ")} would render at \`\${{ flags }}\`, which \`run\` does not have`,
      'add "${{ flags }}" to `run`',
    );
  if (place && params.flagged.size === 0 && !params.isOpen)
    draft.error(
      place,
      "flags-place",
      "`run` has `${{ flags }}`, and no parameter has a `flag`",
      "remove the place, or give a parameter a `flag`",
    );
}
