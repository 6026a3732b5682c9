import { refuse } from "../../base/refusal.ts";
import { type Filling, fill, textOf } from "../../command/render.ts";
import type { Template } from "../../command/template.ts";
import type { HookValue } from "../../command/webhook.ts";
import { type HookFilling, dataOf } from "./data.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // As they are, a reader would turn them into a line feed, or in an attribute into a space (XML 1.0, 2.11 and 3.3.3).
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
};

/** A value as it stands in the text of an element or in a quoted attribute. */
function escaped(text: string): string {
  const [foreign] = /[\p{Cc}\ufffe\uffff]/u.exec(text.replaceAll(/[\t\n\r\u007f-\u009f]/g, "")) ?? [];
  if (foreign !== undefined)
    throw refuse(
      "arguments.invalid",
      `a value holds the character U+${foreign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}, which XML cannot hold`,
    );
  return text.replaceAll(/[&<>"'\r\n\t]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** XML that is written out, its places filled; undefined when one of them is absent. */
export function renderMarkup(template: Template, filling: Filling): string | undefined {
  const parts = fill(template, filling);
  return parts && template.map((part, at) => (typeof part === "string" ? part : escaped(parts[at] ?? ""))).join("");
}

/**
 * A document of one element. A map is its elements, `@name` an attribute, `#text` its text; a list repeats its element, and so does
 * an array that fills one place. Names are those of the catalogue: an object that fills a place is JSON in a text.
 */
export function renderXml(root: string, value: HookValue, filling: HookFilling): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root, value, filling) || `<${root}></${root}>`}`;
}

/** Empty where it vanishes. */
function element(name: string, value: HookValue, filling: HookFilling): string {
  if (value.kind === "list") return value.items.map((item) => element(name, item, filling)).join("");
  if (value.kind !== "map")
    return textsIn(value, filling)
      .map((text) => `<${name}>${escaped(text)}</${name}>`)
      .join("");
  const isGone = dataOf(value, filling) === undefined;
  if (isGone) return "";
  const attributes = value.entries.filter(([key]) => key.startsWith("@"));
  const inner = value.entries.filter(([key]) => !key.startsWith("@"));
  const head = attributes.flatMap(([key, each]) => {
    const [text] = textsIn(each, filling);
    return text === undefined ? [] : [` ${key.slice(1)}="${escaped(text)}"`];
  });
  const content = inner.map(([key, each]) =>
    key === "#text" ? textsIn(each, filling).map(escaped).join("") : element(key, each, filling),
  );
  return `<${name}${head.join("")}>${content.join("")}</${name}>`;
}

/** Nothing is an empty text where the catalogue says it, and nothing at all where a value does. */
function textsIn(value: HookValue, filling: HookFilling): readonly string[] {
  if (value.kind === "constant") return [value.value === null ? "" : textOf(value.value)];
  const items = [dataOf(value, filling)].flat().filter((item) => item !== undefined && item !== null);
  return items.map(textOf);
}
