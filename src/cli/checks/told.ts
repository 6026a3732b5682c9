/** A sentence, and the same without the values in it, which others may read. */
export interface Told {
  readonly text: string;
  readonly plain: string;
}

/** Only what stands in the source is plain: what is put in is a value, but for numbers and for what is told itself. */
export function told(words: TemplateStringsArray, ...values: readonly (string | number | Told)[]): Told {
  const parts = values.map(partOf);
  const join = (form: keyof Told): string => String.raw({ raw: words }, ...parts.map((part) => part[form]));
  return { text: join("text"), plain: join("plain") };
}

function partOf(value: string | number | Told): Told {
  if (typeof value === "object") return value;
  return typeof value === "number" ? ours(String(value)) : { text: value, plain: value === "" ? "" : shapeOf(value) };
}

/** Words that mcpfier has itself, and names that every client sees. */
export function ours(text: string): Told {
  return { text, plain: text };
}

/** What a text is, for somebody who must not know what it says. */
export function shapeOf(text: string): string {
  return `(text of ${text.length} characters)`;
}
