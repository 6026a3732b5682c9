import { hasSignature, isText, isTextual, mediaTypeOf } from "../../base/media-type.ts";
import { wholeOf } from "../capture.ts";
import type { Content } from "../content.ts";
import type { Format, Printed, Result } from "./format.ts";

const NOUNS = { image: "an image", audio: "a sound" } as const;

/** A picture or a sound, as the bytes themselves. What is none is an error: the promised piece is not there. */
export function mediaFormat(kind: "image" | "audio"): Format {
  return {
    isBinary: true,
    read: (printed) => {
      const { stdout, output } = printed;
      const bytes = wholeOf(stdout, output.maxBytes);
      if (!bytes) return tooMany(printed);
      const mime = typeOf(kind, bytes, output.mime);
      if (mime === "") return missing(printed, `the output is not ${NOUNS[kind]}`);
      return shown({ kind, mime, base64: bytes.toString("base64") }, bytes.length);
    },
  };
}

/** What the bytes tell counts before what the catalogue says: clients refuse an image of another type than its own. */
function typeOf(kind: "image" | "audio", bytes: Buffer, said: string): string {
  const told = mediaTypeOf(bytes);
  if (told !== "") return told.startsWith(`${kind}/`) ? told : "";
  if (said === "" || hasSignature(said)) return "";
  const fits = isTextual(said) ? isText(bytes, false) && bytes.includes("<svg") : !isText(bytes, false);
  return fits ? said : "";
}

export function shown(piece: Content, bytes: number): Result {
  return {
    content: [piece],
    excerpt: { text: "", bytes, cut: false, invalid: 0 },
    structured: undefined,
    fault: "",
    isError: false,
  };
}

export function tooMany(printed: Printed): Result {
  return missing(printed, `the output is longer than ${printed.output.maxBytes} bytes and is not shown`);
}

/** Says instead what came. */
function missing(printed: Printed, why: string): Result {
  const where = printed.isRecorded && printed.stdout.bytes > 0 ? `; the whole of it is at ${printed.uri}` : "";
  return {
    content: [],
    excerpt: { text: "", bytes: 0, cut: printed.stdout.bytes > 0, invalid: 0 },
    structured: undefined,
    fault: `${why}: it has ${describeBytes(printed)}${where}`,
    isError: true,
  };
}

const FIRST_TEXT = 200;
const FIRST_BYTES = 16;

/** Size and type of stdout, or what it begins with. */
export function describeBytes({ stdout: { head, bytes }, clean }: Pick<Printed, "stdout" | "clean">): string {
  const size = `${bytes.toLocaleString("en-US")} ${bytes === 1 ? "byte" : "bytes"}`;
  const told = mediaTypeOf(head);
  if (told !== "") return `${size}, of the type ${told}`;
  if (bytes === 0) return "no bytes";
  if (!isText(head, bytes > head.length))
    return `${size}, beginning with ${head
      .subarray(0, FIRST_BYTES)
      .toString("hex")
      .replaceAll(/..(?=.)/g, "$& ")}`;
  const begun = clean(head.toString()).slice(0, FIRST_TEXT).toWellFormed();
  return `${size}, of text that begins with ${JSON.stringify(begun)}`;
}
