import { isText } from "../base/media-type.ts";
import type { Output } from "../command/command.ts";
import type { Capture } from "./capture.ts";
import { formats } from "./formats/registry.ts";

/** Text beside a picture, and of a command that failed to make one: the budget of these formats is for their bytes. */
const MOST_WORDS = 32 * 1024;

/** Whether stdout may be shown as text: bytes of a picture and its like are none, but the words of a failure are. */
export function isReadable({ format }: Output, { head, bytes }: Capture): boolean {
  return !formats[format].isBinary || isText(head, bytes > head.length);
}

/** How much of a budget is for text. */
export function wordsOf({ format }: Output, bytes: number): number {
  return formats[format].isBinary ? Math.min(bytes, MOST_WORDS) : bytes;
}
