/** Text with places for parameters. Every name in it is written once, as `${{ name }}`. */
export type Template = readonly Part[];
export type Part = string | { readonly param: string };

export interface TemplateFault {
  /** The faulty text as it stands in the template. */
  readonly text: string;
  readonly message: string;
}

/**
 * A `$` that begins nothing, whatever stands after it. It marks the dollars of values that were filled in at load; neither
 * variables of the environment nor arguments of programs can hold a NUL, so nothing else is spelt like it.
 */
export const LITERAL_DOLLAR = "$\0";

/** The text of a template that has no places: `$${` is `${`. */
export function literalText(template: string): string {
  return template.replace(/\$\$\{|\$\0/g, (escape) => (escape === LITERAL_DOLLAR ? "$" : "${"));
}

/**
 * Reads `${{ name }}` places; `$${` is a literal `${`. Single pass: what a place is filled with later is never read again.
 */
export function parseTemplate(text: string): {
  readonly template: Template;
  readonly faults: readonly TemplateFault[];
} {
  const template: Part[] = [];
  const faults: TemplateFault[] = [];
  let literal = "";
  let rest = text;
  while (rest !== "") {
    const at = rest.search(/\$\0|\$\$\{|\$\{\{/);
    if (at < 0) break;
    literal += rest.slice(0, at);
    rest = rest.slice(at);
    if (rest.startsWith(LITERAL_DOLLAR)) {
      literal += "$";
      rest = rest.slice(2);
      continue;
    }
    if (rest.startsWith("$${")) {
      literal += "${";
      rest = rest.slice(3);
      continue;
    }
    const close = rest.indexOf("}}");
    const whole = close < 0 ? rest : rest.slice(0, close + 2);
    const name = close < 0 ? "" : whole.slice(3, -2).trim();
    rest = rest.slice(whole.length);
    if (close < 0) faults.push({ text: whole, message: "a placeholder that is not closed with `}}`" });
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      faults.push({ text: whole, message: `a placeholder holds one parameter's name, not "${name}"` });
    else {
      if (literal !== "") template.push(literal);
      literal = "";
      template.push({ param: name });
    }
  }
  literal += rest;
  if (literal !== "" || template.length === 0) template.push(literal);
  return { template, faults };
}

/** The names that a template mentions, each once. */
export function mentioned(template: Template): readonly string[] {
  return [...new Set(template.flatMap((part) => (typeof part === "string" ? [] : [part.param])))];
}

/** The name of the one place that is the whole template, if it is so. */
export function lonePlace(template: Template): string | undefined {
  const [only, ...more] = template;
  return more.length === 0 && typeof only === "object" ? only.param : undefined;
}
