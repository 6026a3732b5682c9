import { snippetOf } from "../setup/entry.ts";
import { loadFormat } from "../setup/formats.ts";
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
  /** Why what was done could not be noted. */
  readonly unnoted?: string;
  readonly started?: Started;
  /** What it starts without, in words. */
  readonly lacking?: readonly string[];
}

export function isChange({ action }: Step): boolean {
  return action === "create" || action === "update" || action === "remove";
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

/** What people read of it. `isForShow`: nothing was written; `seen`: steps whose diffs they saw before. */
export async function tell(
  { step, backup, fault, started, lacking = [] }: Done,
  { isForShow, seen }: { readonly isForShow: boolean; readonly seen: readonly Step[] },
): Promise<string> {
  const { client, file, action, reason, wish, ours } = step;
  const why = fault ?? reason;
  const head = why === "" ? headOf(step, isForShow) : `${DONE.manual} ${file === "" ? "" : `${file}: `}${why}`;
  const snippet = why === "" || !ours ? "" : snippetOf(await loadFormat(client.form.syntax), client, wish.name, ours);
  const hand = snippet === "" ? "" : `by hand, this goes into it:\n${snippet}`;
  const lines = [
    backup === undefined ? "" : `as it was, it is in ${backup}`,
    started ? toldStart(started) : "",
    printable(tellLacking(lacking)),
    started && action !== "unchanged" ? `next: ${client.next}` : "",
  ];
  const diff = seen.includes(step) ? "" : step.diff();
  const shown = indented(printableLines(why === "" ? diff : hand));
  return `${client.name}: ${printable(head)}\n${shown}${indented(lines.filter((line) => line !== "").join("\n"))}`;
}

function headOf({ file, action, entry, after }: Step, isForShow: boolean): string {
  if (action === "unchanged" && entry) return `already registered in ${file}`;
  const tail = after === null ? ", which goes too: `mcpfier setup` had made it" : "";
  return `${(isForShow ? WOULD : DONE)[action]} ${file}${tail}`;
}

/** A desktop has to be told where programs are. */
function tellLacking(lacking: readonly string[]): string {
  if (lacking.length === 0) return "";
  return `${plural(lacking.length, "program")} will not be found there: ${lacking.join("; ")}. Say \`defaults: { env: { login_path: true } }\` in the catalogue`;
}

function toldStart(started: Started): string {
  if ("tools" in started) return `${plural(started.tools, "tool")} in ${started.ms} ms`;
  const stderr = started.stderr.trim();
  return `it was written, but does not start there: ${printable(started.fault)}${stderr === "" ? "" : `\n${indented(printableLines(stderr))}`}`.trimEnd();
}

/** The same for machines; diffs are without secrets, and so is the rest. */
export function asJson(done: readonly Done[]): string {
  const rows = done.map(({ step, evidence, backup, fault, started, lacking }) => ({
    client: step.client.id,
    file: step.file,
    action: fault === undefined ? step.action : "manual",
    reason: fault ?? step.reason,
    evidence,
    diff: step.diff(),
    backup: backup ?? null,
    started: started ?? null,
    lacking: lacking ?? [],
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function indented(text: string): string {
  return text === "" ? "" : `${text.replace(/\n$/, "").replaceAll(/^/gm, "  ")}\n`;
}
