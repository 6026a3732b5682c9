import { plainText } from "../base/text.ts";

/** What is a text, in one line, without what a terminal or a reader would trip over, and at most so long. */
export function oneLine(text: unknown, most = 600): string {
  const line = plainText(isText(text) ? String(text).toWellFormed() : "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= most
    ? line
    : `${Array.from(line)
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}

function isText(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** A sentence: with a capital letter and a full stop, unless it ends in another sign. */
export function sentence(text: string): string {
  const line = oneLine(text);
  if (line === "") return "";
  const capital = /^[a-z][a-z]*(?![\w./(-])/.test(line) ? line.charAt(0).toUpperCase() + line.slice(1) : line;
  return /[.!?…:)`]$/.test(capital) ? capital : `${capital}.`;
}

/** The words of a name: of `buildAll`, `build-all` and `build_all` alike. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
}
