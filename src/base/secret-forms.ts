/** A piece of an encoding that is shorter than this stands in texts that hold no secret, too. */
const SHORTEST = 6;

/** A secret as it stands in output: as it is, in JSON, in CSV, in a URL or a form, in hexadecimal, and in base64 wherever it begins there. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const encoded = [
    ...urlForms(secret),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Forms(bytes, before)),
  ];
  const quoted = [JSON.stringify(secret).slice(1, -1), secret.replaceAll('"', '""')];
  return [...new Set([secret, ...quoted, ...encoded.filter((form) => form.length >= SHORTEST)])];
}

function urlForms(secret: string): readonly string[] {
  // A half of a surrogate pair has no encoding.
  const upper = encodeURIComponent(secret.toWellFormed());
  const lower = upper.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [upper, lower, upper.replaceAll("%20", "+"), lower.replaceAll("%20", "+")];
}

/** The characters of a base64 text that a secret decides by itself when so many bytes (modulo 3) stand before it. */
function base64Forms(secret: Buffer, before: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(before), secret]);
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((whole.length * 8) / 6);
  const form = whole.toString("base64").slice(first, last);
  return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
}
