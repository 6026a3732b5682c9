import type { Values } from "./arguments.ts";
import type { Template } from "./template.ts";

/** The text of a template; undefined where it mentions what was not given. What is filled in is not read again. */
export function fillText(template: Template, values: Values): string | undefined {
  const parts = template.map((part) => (typeof part === "string" ? part : wordOf(values.get(part.param))));
  return parts.some((part) => part === undefined) ? undefined : parts.join("");
}

function wordOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
