/** A value as lines of block style behind `key:`, or on the line of it; what is empty stands in brackets. */
export function writeBehind(value: unknown, indent: string, { eol, unit }: Layout): string {
  if (!isCollection(value)) return ` ${writeInline(value)}`;
  return `${eol}${writeBlock(value, `${indent}${unit}`, { eol, unit })}`;
}

export interface Layout {
  readonly eol: string;
  /** One step deeper. */
  readonly unit: string;
}

/** A member of a map, from its indentation on. */
export function writeMember(key: string, value: unknown, indent: string, layout: Layout): string {
  return `${indent}${writeScalar(key)}:${writeBehind(value, indent, layout)}`;
}

/** An item of a list, which is a map. */
export function writeItem(value: object, indent: string, { eol, unit }: Layout): string {
  const inner = `${indent}  `;
  return `${indent}- ${writeBlock(value, inner, { eol, unit }).slice(inner.length)}`;
}

/** JSON is YAML in flow style. */
export function writeInline(value: unknown): string {
  return typeof value === "string" ? writeScalar(value) : printable(JSON.stringify(value));
}

export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

function writeBlock(value: object, indent: string, layout: Layout): string {
  const lines = Array.isArray(value)
    ? value.map((item: unknown) => `${indent}- ${writeInline(item)}`)
    : Object.entries(value).map(([key, inner]) => writeMember(key, inner, indent, layout));
  return lines.join(layout.eol);
}

function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Plain where nobody could read anything but this text. */
function writeScalar(text: string): string {
  const isPlain = /^(?:[A-Za-z_/]|--?[A-Za-z])[\w./-]*$/.test(text);
  return isPlain && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : quoted(text);
}

/** JSON leaves characters as they are that YAML does not take. */
function printable(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
