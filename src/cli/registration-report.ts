import { snippetOf } from "../setup/entry.ts";
import type { Step } from "../setup/plan.ts";
import type { Started } from "../setup/start.ts";
import { plural, printable } from "./print.ts";

/** What became of a step. */
export interface Done {
  readonly step: Step;
  /** What showed that the client is here; empty when it was named. */
  readonly evidence: string;
  /** Where the file is as it was. */
  readonly backup?: string;
  /** Why it was not written. */
  readonly fault?: string;
  readonly started?: Started;
}

const DONE = {
  create: "registered in",
  update: "brought up to date in",
  remove: "taken out of",
  unchanged: "nothing to do in",
  manual: "left alone:",
} as const;
const WOULD = {
  ...DONE,
  create: "would be registered in",
  update: "would be brought up to date in",
  remove: "would be taken out of",
} as const;

/** What people read of it. `isForShow`: nothing was written. */
export function tell({ step, backup, fault, started }: Done, isForShow: boolean): string {
  const { client, file, action, reason, name, entry, diff } = step;
  const words = action === "unchanged" && entry ? "already registered in" : (isForShow ? WOULD : DONE)[action];
  const why = fault ?? reason;
  const head = why === "" ? `${words} ${file}` : `${DONE.manual} ${file}: ${why}`;
  const hand = why === "" || !entry ? "" : `by hand, this goes into it:\n${snippetOf(client, name, entry)}`;
  const lines = [
    backup === undefined ? "" : `as it was, it is in ${backup}`,
    started ? toldStart(started) : "",
    started && action !== "unchanged" ? `next: ${client.next}` : "",
  ];
  const shown = why === "" ? indented(printableLines(diff)) : indented(printableLines(hand));
  return `${client.name}: ${printable(head)}\n${shown}${indented(lines.filter((line) => line !== "").join("\n"))}`;
}

function toldStart(started: Started): string {
  if ("tools" in started) return `${plural(started.tools, "tool")} in ${started.ms} ms`;
  const stderr = started.stderr.trim();
  return `it was written, but does not start there: ${printable(started.fault)}${stderr === "" ? "" : `\n${indented(printableLines(stderr))}`}`.trimEnd();
}

/** The same for machines; diffs are without secrets, and so is the rest. */
export function asJson(done: readonly Done[]): string {
  const rows = done.map(({ step: { client, file, action, reason, diff }, evidence, backup, fault, started }) => ({
    client: client.id,
    file,
    action: fault === undefined ? action : "manual",
    reason: fault ?? reason,
    evidence,
    diff,
    backup: backup ?? null,
    started: started ?? null,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function indented(text: string): string {
  return text === "" ? "" : `${text.replace(/\n$/, "").replaceAll(/^/gm, "  ")}\n`;
}
