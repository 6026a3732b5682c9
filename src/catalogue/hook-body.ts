import { readExactly } from "../base/exact.ts";
import type { HookBody, HookValue } from "../command/webhook.ts";
import {
  LITERAL_DOLLAR,
  type Template,
  literalText,
  lonePlace,
  mentioned,
  parseTemplate,
} from "../command/template.ts";
import { cut } from "./hook-url.ts";
import { markupFault } from "./markup.ts";
import type { Node, ScalarNode } from "./node.ts";
import { type Reader, checkArrayInText, templateOf, textTemplateOf } from "./places.ts";

export type BodyFormat = "json" | "xml" | "form" | "text";

/** An XML name without colons at its ends (XML 1.0, 2.3), as far as ASCII goes. */
const XML_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/;

/** Reads the body; `said` is what `body_format` or the content type says. Null where it cannot be used. */
export function readBody(reader: Reader, node: Node, said: BodyFormat | undefined): HookBody | null {
  const format = said ?? (node.kind === "scalar" ? "text" : "json");
  if (node.kind === "scalar") return readWritten(reader, node, format);
  if (format === "text") return fault(reader, node, "a text is expected here, came a map or a list");
  if (format === "json") return { format, value: readValue(reader, node) };
  return format === "form" ? readForm(reader, node) : readXml(reader, node);
}

function fault({ draft }: Reader, node: Node, message: string, hint?: string): null {
  return draft.error(node, "webhook", message, hint);
}

/** A body that is written out as text is read as what it is, so that a value fills its place there and nothing else. */
function readWritten(reader: Reader, node: ScalarNode, format: BodyFormat): HookBody | null {
  if (format === "text") return { format, template: textTemplateOf(reader, node) };
  if (format === "xml") {
    const template = textTemplateOf(reader, node);
    const wrong = markupFault(template);
    return wrong === undefined ? { format: "markup", template } : fault(reader, node, ...wrong);
  }
  if (format === "form") {
    const fields = cut(templateOf(reader, node), "&").filter((pair) => pair.length > 0);
    return { format, fields: fields.flatMap((pair) => readPair(reader, node, pair)) };
  }
  const template = templateOf(reader, node);
  if (lonePlace(template) !== undefined) return { format, value: { kind: "text", template } };
  if (mentioned(template).length === 0) return readVerbatim(reader, node, template);
  // A raw NUL is not JSON; its escape is.
  const text = node.template.replaceAll(LITERAL_DOLLAR, String.raw`$\u0000`);
  try {
    const { value, rounded } = readExactly(text);
    if (rounded !== undefined)
      return fault(reader, node, `${rounded} is larger than a number can be without losing digits`, "put it in quotes");
    return { format, value: valueOf(reader, node, value) };
  } catch {
    return fault(reader, node, ...NOT_JSON);
  }
}

const NOT_JSON = [
  "the body is not JSON",
  'write it as a map, or put quotes round each placeholder: "${{ x }}" keeps the type of its value',
] as const;

/** To write it anew would change it, though not what it means: a signature, or who reads larger numbers, would notice. */
function readVerbatim(reader: Reader, node: ScalarNode, template: Template): HookBody | null {
  try {
    JSON.parse(literalText(node.template));
    return { format: "verbatim", template };
  } catch {
    return fault(reader, node, ...NOT_JSON);
  }
}

function readPair(reader: Reader, node: ScalarNode, pair: Template): readonly (readonly [string, HookValue])[] {
  const [name = [], value = []] = cut(pair, "=", 2).map(unescaped);
  const [only, ...more] = name;
  if (lonePlace(value) === undefined) for (const each of mentioned(value)) checkArrayInText(reader, node, each);
  if (typeof only === "string" && more.length === 0) return [[only, { kind: "text", template: value }]];
  fault(reader, node, "the names of a form are constant", "write `name=${{ value }}`");
  return [];
}

function unescaped(template: Template): Template {
  return template.map((part) => {
    if (typeof part !== "string") return part;
    const text = part.replaceAll("+", " ");
    return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (codes) =>
      Buffer.from(codes.replaceAll("%", ""), "hex").toString(),
    );
  });
}

function readForm(reader: Reader, node: Node): HookBody | null {
  if (node.kind !== "mapping") return fault(reader, node, "a form is a map of names and values");
  const fields = entriesOf(reader, node);
  for (const [name, value] of fields) {
    const items = value.kind === "list" ? value.items : [value];
    if (items.every((item) => item.kind === "text" || item.kind === "constant")) continue;
    fault(
      reader,
      node.entries.get(name)?.value ?? node,
      `a form has no nested values, and "${name}" is one`,
      "write the name as the service wants it, such as `user[name]`",
    );
  }
  return { format: "form", fields };
}

function readXml(reader: Reader, node: Node): HookBody | null {
  const [first, ...more] = node.kind === "mapping" ? entriesOf(reader, node) : [];
  if (!first || more.length > 0 || first[1].kind === "list")
    return fault(reader, node, "XML has one root element", "write a map with one key");
  const [root, value] = first;
  checkElements(reader, node, root, value);
  return { format: "xml", root, value };
}

function checkElements(reader: Reader, node: Node, name: string, value: HookValue): void {
  if (name !== "#text" && !XML_NAME.test(name.replace(/^@/, "")))
    fault(reader, node, `"${name}" is not the name of an XML element, of an attribute after \`@\`, or \`#text\``);
  if (value.kind === "map") {
    if (/^[@#]/.test(name)) fault(reader, node, `"${name}" holds a text, not elements`);
    for (const [inner, each] of value.entries) checkElements(reader, node, inner, each);
  }
  if (value.kind !== "list") return;
  if (/^[@#]/.test(name)) fault(reader, node, `"${name}" holds one text, not a list`);
  for (const item of value.items) {
    if (item.kind === "list") fault(reader, node, "a list in a list has no element name", "put a map between them");
    checkElements(reader, node, name, item);
  }
}

/** Reads a value with places at any depth. */
function readValue(reader: Reader, node: Node): HookValue {
  if (node.kind === "sequence") return { kind: "list", items: node.items.map((item) => readValue(reader, item)) };
  if (node.kind === "mapping") return { kind: "map", entries: entriesOf(reader, node) };
  if (typeof node.value !== "string") return { kind: "constant", value: node.value };
  const template = templateOf(reader, node);
  if (lonePlace(template) === undefined) textTemplateOf(reader, node);
  return { kind: "text", template };
}

function entriesOf(reader: Reader, node: Node & { kind: "mapping" }): readonly (readonly [string, HookValue])[] {
  return Array.from(node.entries, ([name, { value }]) => {
    checkName(reader, node, name);
    return [name, readValue(reader, value)] as const;
  });
}

function checkName(reader: Reader, node: Node, name: string): void {
  if (mentioned(parseTemplate(name).template).length > 0)
    fault(reader, node, "names are constant, so that a caller cannot choose what is set", "write the name itself");
}

/** The same of JSON that stands in one text. */
function valueOf(reader: Reader, node: ScalarNode, value: unknown): HookValue {
  if (Array.isArray(value)) return { kind: "list", items: value.map((item) => valueOf(reader, node, item)) };
  if (typeof value === "object" && value !== null)
    return {
      kind: "map",
      entries: Object.entries(value).map(([name, inner]) => {
        checkName(reader, node, name);
        return [name, valueOf(reader, node, inner)] as const;
      }),
    };
  if (typeof value !== "string") return { kind: "constant", value: value as number | boolean | null };
  return readValue(reader, { ...node, value, template: value, text: value });
}
