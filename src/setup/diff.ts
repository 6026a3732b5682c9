import type { Document, Entry } from "./format.ts";
import { masked } from "./mask.ts";

const CONTEXT = 3;
/** Longer lines are cut around what differs. */
const WIDEST = 160;

/** One change of a text as a unified diff, for eyes: what we do not write ourselves is shown as "…". `before` null: there was no file; `after` null: there is none then. */
export function diffOf(file: string, before: Document | null, after: Document | null, ours: Entry | null): string {
  const [old, now] = [before ? linesOf(masked(before, ours)) : [], after ? linesOf(masked(after, ours)) : []];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [from, to] = [Math.max(0, head - CONTEXT), Math.max(0, tail - CONTEXT)];
  const hunk = [
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...now.slice(now.length - tail, now.length - to).map((line) => ` ${line}`),
  ];
  const [had, has] = [old, now].map((lines) => `${Math.min(from + 1, lines.length)},${lines.length - from - to}`);
  const differs = commonLength(old[head] ?? "", now[head] ?? "");
  return [
    `--- ${before ? file : "/dev/null"}`,
    `+++ ${after ? file : "/dev/null"}`,
    `@@ -${had} +${has} @@`,
    ...hunk.map((line) => cut(line, differs)),
    "",
  ].join("\n");
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/(?:\r\n|\n|\r)$/, "").split(/\r\n|\n|\r/);
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function cut(line: string, differs: number): string {
  if (line.length <= WIDEST) return line;
  const start = Math.max(1, Math.min(differs, line.length - WIDEST) - WIDEST / 4);
  const part = line.slice(start, start + WIDEST);
  return `${line[0] ?? ""}${start > 1 ? "…" : ""}${part}${start + WIDEST < line.length ? "…" : ""}`;
}
