import type { Command } from "../command/command.ts";
import type { Answered } from "../executors/executor.ts";
import { STREAMS, type StreamName, recordUri } from "../stores/record.ts";
import {
  type Call,
  type Completed,
  type Failed,
  type Next,
  type Outcome,
  type Ran,
  type Stopped,
  secretsOf,
} from "./call.ts";
import { type Cleaner, createCleaner } from "./cleaner.ts";
import { type Excerpt, NO_EXCERPT, excerpt } from "./excerpt.ts";
import type { Printed, Result } from "./formats/format.ts";
import { describeBytes } from "./formats/media.ts";
import { formats } from "./formats/registry.ts";
import { isReadable, wordsOf } from "./readable.ts";
import type { Shown } from "./shown.ts";
import { statusOf } from "./status.ts";

/** Makes what the model sees of what the program printed. */
export async function shape(call: Call, next: Next): Promise<Outcome> {
  const outcome = await next(call);
  if (outcome.kind === "refused" || outcome.kind === "planned" || outcome.kind === "handed_off") return outcome;
  if (!call.plan) throw new Error("`plan` stands before `shape`");
  const clean = createCleaner(secretsOf(call));
  const shown =
    outcome.kind === "completed" ? await success(call.command, outcome, clean) : failure(call.command, outcome, clean);
  return { ...outcome, shown };
}

/** A call that was cancelled before its next attempt; what it shows is what the last one printed. */
export function cancelledAfter(last: Failed | Stopped, command: Command): Stopped {
  const outcome = { ...last, kind: "cancelled", idle: false } as const;
  const rest = last.shown.text.slice(title(command, last).length);
  return { ...outcome, shown: { ...last.shown, text: `${title(command, outcome)}${rest}` } };
}

async function success({ limits, output, webhook }: Command, outcome: Completed, clean: Cleaner): Promise<Shown> {
  const { callId, stdout, record } = outcome;
  const hints = hintsOf({ limits, output }, outcome);
  const uri = recordUri(record?.id ?? callId, "stdout");
  const printed: Printed = {
    stdout,
    output,
    clean,
    hint: hints.stdout,
    uri,
    isRecorded: record?.kept.includes("stdout") ?? false,
  };
  const result = await (isFoundJson(webhook, outcome) ? formatFound(printed) : formats[output.format].read(printed));
  const { content, excerpt: out, structured, fault, isError } = result;
  const withErrors = output.stderr === "show" || (content.length === 0 && out.text === "");
  const rest = Math.max(1, wordsOf(output, output.maxBytes - out.bytes));
  const err = withErrors ? excerpt(outcome.stderr, rest, { clean, hint: hints.stderr }) : NO_EXCERPT;
  const meaning =
    outcome.exitCode !== 0 && outcome.meaning !== "" ? `exit code ${outcome.exitCode}: ${outcome.meaning}` : "";
  const words = [out.text, err.text].filter((text) => text !== "").join("\n");
  const isSilent = words === "" && meaning === "" && content.length === 0;
  const text = sections(fault, meaning, isSilent ? silence(outcome) : words, ...notes(outcome, [out, err]));
  return { content, text, structured, fault, isError, ...countOf(out, err) };
}

function isFoundJson(webhook: Command["webhook"], { answer }: Completed): boolean {
  return webhook?.structured === true && answer?.isJson === true;
}

/** Data where the answer says that it is, and nothing asks for another format; else the text that it is. */
async function formatFound(printed: Printed): Promise<Result> {
  const found = await formats.json.read(printed);
  return found.fault === "" ? found : formats.text.read(printed);
}

function silence({ answer }: Completed): string {
  return answer ? `(${statusOf(answer)}, without a body)` : "(no output)";
}

function failure({ output, ...command }: Command, outcome: Exclude<Ran, Completed>, clean: Cleaner): Shown {
  const { stdout, stderr } = outcome;
  const most = wordsOf(output, output.maxBytes);
  const hints = hintsOf({ limits: command.limits, output }, outcome);
  const mostErrors = stdout.bytes === 0 ? most : Math.floor(most / 2);
  const err = excerpt(stderr, mostErrors, { clean, hint: hints.stderr });
  const isShown = isReadable(output, stdout);
  const out = isShown ? excerpt(stdout, most - err.bytes, { clean, hint: hints.stdout }) : NO_EXCERPT;
  const printed = isShown ? out.text : `(${describeBytes({ stdout, clean })})`;
  const text = sections(
    title(command, outcome),
    err.text === "" ? "" : `stderr:\n${err.text}`,
    printed === "" ? "" : `stdout:\n${printed}`,
    ...notes(outcome, [out, err]),
  );
  return {
    content: [],
    text,
    structured: undefined,
    fault: "",
    isError: true,
    ...countOf({ ...out, cut: out.cut || !isShown }, err),
  };
}

function countOf(out: Excerpt, err: Excerpt): Pick<Shown, "bytes" | "cut"> {
  const cut = STREAMS.filter((stream) => ({ stdout: out, stderr: err })[stream].cut);
  return { bytes: out.bytes + err.bytes, cut };
}

/** How to see what is left out of a stream. */
function hintsOf(
  { limits, output }: Pick<Command, "limits" | "output">,
  { record }: Ran,
): Readonly<Record<StreamName, string>> {
  const tell = (stream: StreamName): string => {
    if (!record || limits.output <= output.maxBytes) return "narrow the call to see them";
    const { id, kept, fault } = record;
    if (!kept.includes(stream)) return `they could not be kept${fault === "" ? "" : `, because ${fault}`}`;
    const how = `mcpfier_read_output with call "${id}"${stream === "stderr" ? ' and stream "stderr"' : ""}, or the resource ${recordUri(id, stream)}`;
    return fault === ""
      ? `read them by ${how}`
      : `they could not all be kept, because ${fault}; what was kept is read by ${how}`;
  };
  return { stdout: tell("stdout"), stderr: tell("stderr") };
}

type Timed = Pick<Command, "timeoutMs" | "idleTimeoutMs" | "retry">;

function title(command: Timed, outcome: Exclude<Ran, Completed>): string {
  return `${headline(command, outcome)}${whichAttempt(command, outcome)}`;
}

function headline(command: Timed, outcome: Exclude<Ran, Completed>): string {
  if (outcome.kind === "limited") {
    const what = outcome.exitCode === 0 ? "a process of it was ended" : "stopped";
    return `limited: ${what} by the limit of ${outcome.limit} of this tool (exit code ${outcome.exitCode})`;
  }
  if (outcome.kind === "unknown")
    return `unknown: ${outcome.why}. It may have done its work wholly, partly or not at all: check that before you call it again`;
  if (outcome.kind === "timed_out" && outcome.idle)
    return `timed out: stopped because it printed nothing for ${(command.idleTimeoutMs ?? 0) / 1000} s`;
  if (outcome.kind === "timed_out")
    return `timed out: stopped after ${command.timeoutMs / 1000} s, the timeout of this tool${outcome.stdout.bytes + outcome.stderr.bytes > 0 ? "; what it printed until then follows" : ""}`;
  if (outcome.kind === "cancelled") return "cancelled: stopped before it ended";
  if (outcome.answer) return failedRequest(outcome.answer);
  if (outcome.signal !== null) return `failed: ended by ${outcome.signal}`;
  return `failed: exit code ${outcome.exitCode}`;
}

function failedRequest(answer: Answered): string {
  const { tries, headers, fault, status } = answer;
  const again = headers["retry-after"] === undefined ? "" : `; Retry-After: ${headers["retry-after"]}`;
  const why = fault === "" ? statusOf(answer) : `${fault}${status === null ? "" : `, after ${statusOf(answer)}`}`;
  return `failed: ${why}${again}${tries === 1 ? "" : ` (asked ${tries} times)`}`;
}

function whichAttempt({ retry }: Timed, { attempt }: Ran): string {
  return retry === null || attempt === 1 ? "" : ` (attempt ${attempt} of ${retry.attempts})`;
}

function notes(outcome: Ran, excerpts: readonly Excerpt[]): readonly string[] {
  const invalid = excerpts.reduce((sum, each) => sum + each.invalid, 0);
  return [
    invalid === 0 ? "" : `[${invalid} places that are not UTF-8 are shown as \uFFFD]`,
    outcome.incomplete ? `[${BROKEN[outcome.executor] ?? BROKEN.local}]` : "",
    (outcome.answer?.note ?? "") === "" ? "" : `[${outcome.answer?.note}]`,
    outcome.loose ? "[what detached itself from it may still run: only its process group was held]" : "",
    outcome.limit !== null && outcome.kind !== "limited"
      ? `[it ran into the limit of ${outcome.limit} of this tool; part of its work may be missing]`
      : "",
  ];
}

const BROKEN: { readonly [executor: string]: string; readonly local: string } = {
  local: "a process that it left behind still held its output; output may be missing",
  container:
    "its connection to the container engine broke off; output may be missing, and input may not have reached it",
};

function sections(...parts: readonly string[]): string {
  const full = parts.filter((part) => part !== "");
  return full.length === 1 ? full.join("") : full.map((part) => part.replace(/\n+$/, "")).join("\n\n");
}
