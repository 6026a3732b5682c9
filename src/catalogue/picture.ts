import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { faultOf } from "../base/files.ts";
import { isText, mediaTypeOf } from "../base/media-type.ts";

/** A small picture, or why it is none, as the end of a sentence. */
export type Picture = { readonly mime: string; readonly base64: string } | { readonly fault: string };

/** Bytes of a picture: all lists of a server carry it. */
const MOST = 32 * 1024;
/** Those that clients are to know. */
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/svg+xml"] as const;
const SVG = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[^])*-->\s*)*(?:<!DOCTYPE svg[^>[]*>\s*)?<svg[\s/>]/;
/** What runs, or loads something, where a client shows the picture as a document. */
const ACTIVE = /<(?:[\w-]+:)?(?:script|foreignobject|iframe|embed|object|handler)\b|\son\w+\s*=|javascript:|<!ENTITY/i;

/** Follows links, never blocks on a pipe, never throws. */
export function readPicture(path: string): Picture {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { fault: isGone ? "is not there" : `cannot be read: ${faultOf(error)}` };
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return { fault: "is not a file" };
    return stat.size > MOST ? TOO_LARGE : pictureOf(readFileSync(handle));
  } catch (error) {
    return { fault: `cannot be read: ${faultOf(error)}` };
  } finally {
    closeSync(handle);
  }
}

/** What a picture is, its bytes tell. */
export function pictureOf(bytes: Buffer): Picture {
  if (bytes.length > MOST) return TOO_LARGE;
  const svg = isText(bytes, false) && SVG.test(bytes.toString()) ? "image/svg+xml" : "";
  const mime = svg || mediaTypeOf(bytes);
  if (!PICTURES.some((each) => each === mime))
    return { fault: `is ${mime || "nothing that is known"}, and no ${KNOWN}` };
  if (svg !== "" && ACTIVE.test(bytes.toString())) return { fault: "is an SVG with a script or something like it" };
  return { mime, base64: bytes.toString("base64") };
}

const TOO_LARGE: Picture = { fault: `is larger than ${MOST / 1024} KiB` };
const KNOWN = "PNG, JPEG, WebP or SVG";
