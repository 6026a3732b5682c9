import { SCALAR_STYLE, type ScalarEvent, getScalarValue } from "js-yaml";
import type { Rule } from "../base/problem.ts";
import type { ScalarNode } from "./node.ts";
import type { Range } from "./source.ts";

/** Reports and answers undefined, for readers that end with it. */
export type Fault = (range: Range, rule: Rule, message: string, hint?: string) => undefined;

/** A scalar of the YAML 1.2 core schema with its place; a number that would be rounded and a foreign tag are reported. */
export function readScalar(text: string, event: ScalarEvent, fault: Fault): ScalarNode {
  const written = getScalarValue(text, event);
  const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
  const start = Math.max(0, event.valueStart - quote);
  const range = { start, end: Math.max(event.valueEnd + quote, start + 1) };
  // Only an escape can spell what no program can be given: the file itself is UTF-8, and its raw controls are refused.
  if (event.style === SCALAR_STYLE.DOUBLE_QUOTED) checkEscapes(written, range, fault);
  const tag = event.tagStart < 0 ? "" : text.slice(event.tagStart, event.tagEnd);
  const node: ScalarNode = {
    kind: "scalar",
    value: written,
    template: written,
    text: written,
    isFaulty: false,
    ...range,
  };
  if (tag === "!" || tag === "!!str" || (tag === "" && event.style !== SCALAR_STYLE.PLAIN)) return node;
  node.value = coreValue(written);
  if (typeof node.value === "number" && !isExact(node.value, written)) {
    fault(range, "unsafe-number", `the number ${written} cannot be kept exactly`, `write it in quotes: "${written}"`);
    node.isFaulty = true;
  }
  if (tag !== "" && tag !== coreTag(node.value)) {
    fault(
      { start: event.tagStart, end: event.tagEnd },
      "unknown-tag",
      `the tag ${tag} is not known here, or does not fit the value`,
      "remove it",
    );
    node.isFaulty = true;
  }
  return node;
}

function checkEscapes(text: string, range: Range, fault: Fault): void {
  if (text.includes("\0")) fault(range, "bad-value", "the text holds a NUL character, which no program can be given");
  if (!text.isWellFormed()) {
    fault(range, "bad-value", "the text holds half a surrogate pair, which is not Unicode text");
  }
}

/** YAML 1.2 core schema, section 10.3.2: `no` and `on` stay text. */
function coreValue(text: string): string | number | boolean | null {
  // Most texts are words: no other value begins like these.
  if (/^[^-+.~0-9nNtTfF]/.test(text)) return text;
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?[0-9]+$/.test(text) || /^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}

/** Whether a number is the one that is written. */
function isExact(value: number, text: string): boolean {
  if (!Number.isFinite(value)) return false;
  return Number.isInteger(value) && !/[.eE]/.test(text.replace(/^0x.*/, "")) ? Number.isSafeInteger(value) : true;
}

function coreTag(value: string | number | boolean | null): string {
  if (value === null) return "!!null";
  if (typeof value === "boolean") return "!!bool";
  if (typeof value === "string") return "!!str";
  return Number.isInteger(value) ? "!!int" : "!!float";
}
