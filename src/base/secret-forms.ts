/** A piece of an encoding that is shorter than this stands in texts that hold no secret, too. */
const SHORTEST = 6;

/**
 * A secret as it stands in output: as it is, in JSON, in XML, in CSV, in a URL or a form, in hexadecimal, and in base64 wherever
 * it begins there. Every encoding in which requests are written is among them.
 */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const encoded = [
    ...urlForms(secret),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Forms(bytes, before)),
  ];
  const quoted = [JSON.stringify(secret).slice(1, -1), secret.replaceAll('"', '""'), ...xmlForms(secret)];
  return [...new Set([secret, ...quoted, ...encoded.filter((form) => form.length >= SHORTEST)])];
}

/** What may stand in a URL varies from writer to writer (RFC 3986, WHATWG's query, its forms), and so do small letters and `+`. */
function urlForms(secret: string): readonly string[] {
  // A half of a surrogate pair has no encoding.
  const text = secret.toWellFormed();
  const component = encodeURIComponent(text);
  const form = component.replaceAll(/[!'()~]/g, code);
  const whole = text.replaceAll(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/gu, encodeURIComponent);
  const spaced = [component, form].map((each) => each.replaceAll("%20", "+"));
  const strict = component.replaceAll(/[!'()*]/g, code);
  const written = [component, component.replaceAll("'", code), strict, form, whole, whole.replaceAll("'", code)];
  return [...new Set([...written, ...spaced])].flatMap((each) => [each, each.replaceAll(/%[0-9A-F]{2}/g, lower)]);
}

function lower(text: string): string {
  return text.toLowerCase();
}

function code(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** In a text only the first three must be escaped, and HTML has no `&apos;` of old. */
function xmlForms(secret: string): readonly string[] {
  const text = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = text.replaceAll('"', "&quot;");
  const whole = quoted.replaceAll("'", "&apos;");
  const lines = whole.replaceAll("\r", "&#13;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
  return [text, quoted, whole, quoted.replaceAll("'", "&#39;"), lines];
}

/** The characters of a base64 text that a secret decides by itself when so many bytes (modulo 3) stand before it. */
function base64Forms(secret: Buffer, before: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(before), secret]);
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((whole.length * 8) / 6);
  const form = whole.toString("base64").slice(first, last);
  return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
}
