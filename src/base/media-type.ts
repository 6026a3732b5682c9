import { decode } from "./text.ts";

/** What files of these types begin with, in hexadecimal. */
const SIGNATURES: readonly (readonly [type: string, beginning: RegExp])[] = [
  ["image/png", /^89504e470d0a1a0a/],
  ["image/jpeg", /^ffd8ff/],
  ["image/gif", /^47494638(?:37|39)61/],
  ["image/webp", /^52494646.{8}57454250/],
  ["image/avif", /^.{8}6674797061766966/],
  ["audio/wav", /^52494646.{8}57415645/],
  ["audio/ogg", /^4f676753/],
  ["audio/flac", /^664c6143/],
  ["audio/mp4", /^.{8}667479704d344120/],
  ["audio/mpeg", /^494433|^fff[ab23]/],
  ["audio/aac", /^fff[19]/],
  ["application/pdf", /^255044462d/],
  ["application/zip", /^504b0304/],
  ["application/gzip", /^1f8b08/],
];
const LONGEST = 16;

/** The media type that the first bytes tell; empty when they tell none. */
export function mediaTypeOf(bytes: Buffer): string {
  const beginning = bytes.toString("hex", 0, LONGEST);
  return SIGNATURES.find(([, signature]) => signature.test(beginning))?.[0] ?? "";
}

/** What the end of a file's name tells, where its bytes tell nothing. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["svg", "image/svg+xml"],
  ["json", "application/json"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["toml", "application/toml"],
  ["xml", "application/xml"],
  ["sql", "application/sql"],
  ["js", "text/javascript"],
  ["mjs", "text/javascript"],
  ["sh", "application/x-sh"],
]);

/** The media type that the end of a file's name tells; empty when it tells none. */
export function mediaTypeOfName(name: string): string {
  return ENDINGS.get(/\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "") ?? "";
}

/** Whether bytes of this media type would be told by `mediaTypeOf`. */
export function hasSignature(type: string): boolean {
  const essence = type.split(";", 1)[0]?.trim().toLowerCase();
  return SIGNATURES.some(([known]) => known === essence);
}

/** Whether bytes of this media type are text that people read. */
export function isTextual(type: string): boolean {
  return /^text\/|^application\/(?:json|xml|yaml|toml|sql|javascript|x-sh|x-ndjson)\b|\+(?:json|xml|yaml)\b/i.test(
    type,
  );
}

/** Whether bytes are UTF-8 without NUL; `cut`: more came, so that their last character may be half of one. */
export function isText(bytes: Buffer, cut: boolean): boolean {
  return !bytes.includes(0) && decode(bytes, { start: false, end: cut }).invalid === 0;
}
