import { isText, isTextual, mediaTypeOf } from "../../base/media-type.ts";
import { wholeOf } from "../capture.ts";
import type { Format } from "./format.ts";
import { shown, tooMany } from "./media.ts";

/** Whatever it is, as the content of a resource: text where it is text, else the bytes. */
export const file: Format = {
  isBinary: true,
  read: (printed) => {
    const { stdout, output, uri, clean } = printed;
    const bytes = wholeOf(stdout, output.maxBytes);
    if (!bytes) return tooMany(printed);
    const readable = isText(bytes, false);
    const mime = output.mime || mediaTypeOf(bytes) || (readable ? "text/plain" : "application/octet-stream");
    const body = readable && isTextual(mime) ? { text: clean(bytes.toString()) } : { base64: bytes.toString("base64") };
    return shown({ kind: "resource", uri, mime, body }, bytes.length);
  },
};
