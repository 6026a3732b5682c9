import { plainText } from "../base/text.ts";
import { redact } from "../base/secret.ts";
import type { Command, CommandTest } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Outcome, Ran } from "../pipeline/call.ts";
import { createRecorder } from "../pipeline/capture.ts";
import type { Fill } from "../pipeline/form.ts";
import type { Ask } from "../pipeline/question.ts";
import { lastAttempt } from "./last-attempt.ts";
import { type Difference, fill, placesOf } from "./rehearse.ts";

/** How many bytes of what a command prints are compared. */
const MOST = 8 * 1024 * 1024;

/** What a test expects of the run: none of it, and there is nothing to run. */
export function expectationsOf({ exit, stdout }: CommandTest): number {
  return (exit === null ? 0 : 1) + (stdout === null ? 0 : 1);
}

export interface Performance {
  readonly command: Command;
  readonly test: CommandTest;
  /** Whether it runs though it wants to be confirmed: nobody is asked during tests. */
  readonly isAllowed: boolean;
  readonly signal: AbortSignal;
}

/** Runs a test of a command, really, and compares exit code and stdout; no differences: it passes. */
export async function perform(
  engine: Engine,
  { command, test, isAllowed, signal }: Performance,
): Promise<readonly Difference[]> {
  const request = { tool: command.name, arguments: test.args };
  const planned = await engine.call({ ...request, dryRun: true });
  const secrets = planned.kind === "planned" ? planned.plan.secrets : [];
  const recorder = createRecorder(MOST);
  const { stdout, again, end } = lastAttempt(recorder.write, command.retry?.attempts ?? 1);
  const confirm: Ask | undefined = isAllowed ? () => Promise.resolve("accepted") : undefined;
  const outcome = await engine.call({ ...request, signal, confirm, fill: leaveBlank, fresh: true, stdout, again });
  await end(outcome);
  recorder.close();
  const ended = compareEnd(test, outcome);
  if (ended || test.stdout === null) return ended ? [ended] : [];
  const { workspace } = planned.kind === "planned" ? placesOf(command, planned.plan) : command;
  const places = { workspace, callId: outcome.callId };
  const { head, bytes } = recorder.capture();
  const expected = redact(fill(test.stdout, places), secrets);
  const came = bytes > head.length ? `${head.toString()}\n[${bytes - head.length} bytes more]` : head.toString();
  const difference = compareText(expected.trimEnd(), came.trimEnd());
  return difference ? [difference] : [];
}

/** A test is called with its arguments, and nobody is asked for others. */
const leaveBlank: Fill = () => Promise.resolve({ content: {}, isLast: true });

function compareEnd({ exit }: CommandTest, outcome: Outcome): Difference | undefined {
  const expected = exit === null ? "an exit code among `ok_exit_codes`" : `exit code ${exit}`;
  if (outcome.kind !== "completed" && outcome.kind !== "failed")
    return { what: "outcome", expected, came: describeEnd(outcome) };
  const isFine = exit === null ? outcome.kind === "completed" : outcome.exitCode === exit;
  return isFine ? undefined : { what: "exit", expected, came: describeEnd(outcome) };
}

function describeEnd(outcome: Outcome): string {
  if (outcome.kind === "refused") return `refused (${outcome.code}): ${outcome.problems.join("; ")}`;
  if (outcome.kind === "planned") return "a plan";
  if (outcome.kind === "handed_off") return "it ran longer than its `handoff`";
  const error = firstLine(outcome.stderr.head.toString());
  return `${howItEnded(outcome)}${error === "" ? "" : `; stderr begins with ${quote(error, 0)}`}`;
}

function howItEnded(outcome: Ran): string {
  if (outcome.kind === "timed_out" && outcome.idle) return "stopped, because it printed nothing for too long";
  if (outcome.kind === "timed_out") return `timed out after ${outcome.durationMs / 1000} s`;
  if (outcome.kind === "limited") return `stopped by its limit of ${outcome.limit}`;
  if (outcome.kind === "cancelled") return "cancelled";
  if (outcome.kind === "unknown") return `unknown: ${outcome.why}`;
  return outcome.signal === null ? `exit code ${outcome.exitCode}` : `ended by ${outcome.signal}`;
}

function firstLine(text: string): string {
  return plainText(text).trim().split("\n", 1)[0] ?? "";
}

/** The first line that differs. */
function compareText(expected: string, came: string): Difference | undefined {
  if (expected === came) return undefined;
  const wanted = expected.split("\n");
  const lines = came.split("\n");
  const at = wanted.findIndex((line, index) => line !== lines[index]);
  const line = at < 0 ? wanted.length : at;
  const column = firstDifference(wanted[line] ?? "", lines[line] ?? "");
  const told = (text: string | undefined): string => (text === undefined ? "the end" : quote(text, column));
  return { what: `stdout, line ${line + 1}`, expected: told(wanted[line]), came: told(lines[line]) };
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

const BEFORE = 40;
const WIDEST = 160;

/** A line as it is, with what cannot be seen in it escaped; of a long one, the part around a column. */
function quote(line: string, column: number): string {
  const from = line.length > WIDEST ? Math.max(0, column - BEFORE) : 0;
  const part = line.slice(from, from + WIDEST).toWellFormed();
  const text = JSON.stringify(part).replaceAll(/[\p{Cc}\p{Cf}]/gu, escape);
  return `${from > 0 ? "..." : ""}${text}${from + WIDEST < line.length ? "..." : ""}`;
}

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
