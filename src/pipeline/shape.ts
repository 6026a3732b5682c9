import { lazy } from "../base/lazy.ts";
import type { Command } from "../command/command.ts";
import type { Call, Completed, Next, Outcome, Ran } from "./call.ts";
import { type StreamName, recordUri } from "../stores/record.ts";
import type { Capture } from "./capture.ts";
import { type Excerpt, excerpt } from "./excerpt.ts";
import type { Shown } from "./shown.ts";

const validator = lazy(() => import("../command/validator.ts"));

/** Makes what the model sees of what the program printed. */
export async function shape(call: Call, next: Next): Promise<Outcome> {
  const outcome = await next(call);
  if (outcome.kind === "refused" || outcome.kind === "planned" || outcome.kind === "handed_off") return outcome;
  return {
    ...outcome,
    shown: outcome.kind === "completed" ? await success(call.command, outcome) : failure(call.command, outcome),
  };
}

async function success(command: Command, outcome: Completed): Promise<Shown> {
  const { maxBytes, stderr, format } = command.output;
  const withErrors = stderr === "show" || outcome.stdout.bytes === 0;
  const out = excerpt(outcome.stdout, maxBytes, hint(command, outcome, "stdout"));
  const err = withErrors
    ? excerpt(outcome.stderr, Math.max(1, maxBytes - out.bytes), hint(command, outcome, "stderr"))
    : NO_EXCERPT;
  const meaning =
    outcome.exitCode !== 0 && outcome.meaning !== "" ? `exit code ${outcome.exitCode}: ${outcome.meaning}` : "";
  const parsed = format === "json" ? await parse(command, outcome, out) : { structured: undefined, fault: "" };
  const printed = [out.text, err.text].filter((text) => text !== "").join("\n");
  const text = sections(
    parsed.fault,
    meaning,
    printed === "" && meaning === "" ? "(no output)" : printed,
    ...notes(outcome, [out, err]),
  );
  return { text, ...parsed, cut: cutOf(out, err), bytes: out.bytes + err.bytes };
}

function failure(command: Command, outcome: Exclude<Ran, Completed>): Shown {
  const half = Math.floor(command.output.maxBytes / 2);
  const most = outcome.stdout.bytes === 0 ? command.output.maxBytes : half;
  const err = excerpt(outcome.stderr, most, hint(command, outcome, "stderr"));
  const out = excerpt(outcome.stdout, command.output.maxBytes - err.bytes, hint(command, outcome, "stdout"));
  const text = sections(
    headline(command, outcome),
    err.text === "" ? "" : `stderr:\n${err.text}`,
    out.text === "" ? "" : `stdout:\n${out.text}`,
    ...notes(outcome, [out, err]),
  );
  return { text, structured: undefined, fault: "", cut: cutOf(out, err), bytes: out.bytes + err.bytes };
}

function headline(command: Command, outcome: Exclude<Ran, Completed>): string {
  if (outcome.kind === "limited")
    return `limited: stopped by the limit of ${outcome.limit} of this tool (exit code ${outcome.exitCode})`;
  if (outcome.kind === "unknown") return "unknown: it was killed, and whether it ended is not known";
  if (outcome.kind === "timed_out" && outcome.idle)
    return `timed out: stopped because it printed nothing for ${(command.idleTimeoutMs ?? 0) / 1000} s`;
  if (outcome.kind === "timed_out")
    return `timed out: stopped after ${command.timeoutMs / 1000} s, the timeout of this tool${outcome.stdout.bytes + outcome.stderr.bytes > 0 ? "; what it printed until then follows" : ""}`;
  if (outcome.kind === "cancelled") return "cancelled: stopped before it ended";
  if (outcome.signal !== null) return `failed: ended by ${outcome.signal}`;
  return `failed: exit code ${outcome.exitCode}`;
}

/** How to see what is left out of a stream. */
function hint({ limits, output }: Command, { record }: Ran, stream: StreamName): string {
  if (!record || limits.output <= output.maxBytes) return "narrow the call to see them";
  const { id, fault } = record;
  const how = `mcpfier_read_output with call "${id}"${stream === "stderr" ? ' and stream "stderr"' : ""}, or the resource ${recordUri(id, stream)}`;
  return fault === ""
    ? `read them by ${how}`
    : `they could not all be kept, because ${fault}; what was kept is read by ${how}`;
}

function cutOf(out: Excerpt, err: Excerpt): readonly StreamName[] {
  return [...(out.cut ? (["stdout"] as const) : []), ...(err.cut ? (["stderr"] as const) : [])];
}

function notes(outcome: Ran, excerpts: readonly Excerpt[]): readonly string[] {
  const invalid = excerpts.reduce((sum, each) => sum + each.invalid, 0);
  return [
    invalid === 0 ? "" : `[${invalid} places that are not UTF-8 are shown as \uFFFD]`,
    outcome.incomplete ? "[a process that it left behind still held its output; output may be missing]" : "",
  ];
}

function sections(...parts: readonly string[]): string {
  const full = parts.filter((part) => part !== "");
  return full.length === 1 ? full.join("") : full.map((part) => part.replace(/\n+$/, "")).join("\n\n");
}

const NO_EXCERPT: Excerpt = { text: "", bytes: 0, cut: false, invalid: 0 };

async function parse(command: Command, outcome: Completed, out: Excerpt): Promise<Pick<Shown, "structured" | "fault">> {
  if (out.cut)
    return {
      structured: undefined,
      fault: `the output is longer than ${command.output.maxBytes} bytes and is not parsed as JSON`,
    };
  let structured: unknown;
  try {
    structured = JSON.parse(wholeText(outcome.stdout));
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll("\n", " ") : "unreadable";
    return {
      structured: undefined,
      fault: `the output is not JSON (${why})`,
    };
  }
  if (command.output.schema === null) return { structured, fault: "" };
  const { validatorOf } = await validator();
  // A copy: the validator fills defaults in, and the program's result is not ours to change.
  const problems = validatorOf(command.output.schema)(structuredClone(structured));
  if (problems.length === 0) return { structured, fault: "" };
  const lines = problems.map(({ path, text }) => `${path.join(".") || "the result"}: ${text}`);
  return { structured: undefined, fault: `the output does not fit the tool's schema:\n${lines.join("\n")}` };
}

function wholeText(capture: Capture): string {
  return Buffer.concat([capture.head, capture.tail]).toString("utf8");
}
