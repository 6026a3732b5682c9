import { type DraftParam, type Value, literal } from "./draft.ts";
import type { SourceFile } from "./importer.ts";

/**
 * What neither a shell, nor make, nor a template reads as anything but text: recipes put values into their lines as they are.
 * It begins with no dash, so that it is no option either.
 */
const SAFE = "[A-Za-z0-9_./:@][A-Za-z0-9_./:@%+,=-]*";

/** A value that ends up in the text of a recipe. */
export function safeText(words: { readonly [word: string]: Value | undefined } = {}): DraftParam["schema"] {
  return { type: "string", pattern: SAFE, maxLength: 500, ...words };
}

/** Several such values. */
export function safeTexts(words: { readonly [word: string]: Value | undefined } = {}): DraftParam["schema"] {
  return { type: "array", items: { type: "string", pattern: SAFE, maxLength: 500 }, maxItems: 100, ...words };
}

/** Whether a default may stand where `safeText` is asked for. */
export function isSafe(text: string): boolean {
  return new RegExp(`^(?:${SAFE})$`).test(text) && text.length <= 500;
}

/** Whether a reference (a pattern) stands where a shell reads the name of a program, or the folder of one. */
export function isRun(reference: string, lines: string): boolean {
  const start = String.raw`(?:^|[;&|(\x60]|\b(?:then|do|else|exec|sudo|env|time|nohup|xargs|shell)\s|\s-c\s)`;
  const before = String.raw`[ \t@+"'-]*(?:\w+=\S*[ \t]+)*[\w./"']*`;
  return new RegExp(start + before + reference, "m").test(lines);
}

/** Where the runner looks for its file: `cwd`, where that is not the folder of the catalogue. */
export function placeFor({ folder }: SourceFile): { readonly cwd?: string } {
  return folder === "" ? {} : { cwd: literal(folder) };
}

/** Asked before what is likely to destroy something. */
export function confirmFor(effect: string, line: string): { readonly confirm?: string } {
  return effect === "destructive" ? { confirm: `Run \`${literal(line)}\`?` } : {};
}
