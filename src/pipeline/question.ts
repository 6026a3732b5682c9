import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import { canonicalJson } from "../base/canonical.ts";
import { redact } from "../base/secret.ts";
import { plainText } from "../base/text.ts";
import { visibleText } from "../base/visible.ts";
import type { Values } from "../command/arguments.ts";
import { type Command, parameterOf } from "../command/command.ts";
import { fill } from "../command/render.ts";
import type { Plan } from "../executors/plan.ts";
import { planLines } from "./plan-lines.ts";

/** What somebody is to decide before a call runs anything. */
export interface Question {
  readonly tool: string;
  readonly callId: string;
  /** For people: what is asked, and exactly what would run; without secrets, and with what cannot be seen made visible. */
  readonly text: string;
  /** Of all that an answer counts for: the caller, the arguments, and the whole plan of each command that asks. */
  readonly hash: string;
}

/** `asked`: the question is on its way, and the answer comes with another call. `unavailable`: nobody could be asked. */
export type Answer = "accepted" | "declined" | "asked" | "unavailable";

/** Has somebody decide; when the signal aborts, the answer is not waited for any longer. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

/** A command that wants to be confirmed, and what it would do. */
export interface Wish {
  readonly command: Command;
  readonly values: Values;
  readonly plan: Plan;
}

/** The call that a question is about. */
export interface Asked {
  readonly tool: string;
  readonly callId: string;
  readonly caller: string;
  readonly given: unknown;
  /** The commands that would run before it, in their order. */
  readonly needs: readonly string[];
}

/** One question for all the commands of a call that want to be confirmed, in their order; it may be one of them itself. */
export function questionFor({ callId, ...asked }: Asked, wishes: readonly Wish[]): Question {
  const { tool, needs } = asked;
  const sections = wishes.map((wish) => {
    const { lines, isCut } = planLines(wish.plan);
    const words = wishText(wish.command, wish.values, wish.plan);
    const need = wish.command.name === tool ? "" : `, which ${tool} needs,`;
    const text = [
      words,
      `What ${wish.command.name}${need} would run:`,
      lines.map((line) => `    ${line}`).join("\n"),
      isCut ? "(Not all of it is shown. The answer counts for all of it.)" : "",
    ];
    return { words, text: text.filter((part) => part !== "").join("\n\n") };
  });
  const hashes = wishes.map(({ plan }, index) => [
    hashOfPlan(plan),
    sections[index]?.words.replaceAll(plan.callId, ""),
  ]);
  const others = needs.filter((name) => wishes.every(({ command }) => command.name !== name));
  const before = others.length === 0 ? [] : [`What ${tool} needs runs before it, too: ${others.join(", ")}`];
  const text = [...sections.map((section) => section.text), ...before].join("\n\n");
  return { tool, callId, text, hash: digest(canonicalJson([asked, hashes])) };
}

/** What `confirm` says, filled in. As everywhere, a text vanishes that mentions what was not given; the question does not. */
export function wishText(command: Command, values: Values, { callId, secrets }: Plan): string {
  const shown = new Map<string, unknown>([
    ["workspace", command.workspace],
    ["call_id", callId],
  ]);
  for (const [name, value] of values)
    if (value !== null) shown.set(name, parameterOf(command, name)?.secret === true ? "[redacted]" : value);
  const template = command.confirm ?? [];
  const parts = fill(template, { command, values: shown });
  if (!parts) return `Run ${command.name}?`;
  return parts
    .map((part, index) => {
      const text = redact(part, secrets);
      return typeof template[index] === "string" ? plainText(text) : shortened(visibleText(text));
    })
    .join("")
    .trim();
}

const LONGEST_VALUE = 300;

function shortened(text: string): string {
  if (text.length <= LONGEST_VALUE) return text;
  const kept = text.slice(0, LONGEST_VALUE).replace(/[\uD800-\uDBFF]$/, "");
  return `${kept} [and ${text.length - kept.length} characters more]`;
}

/** The same for the same plan of another call, wherever its id stands. */
export function hashOfPlan(plan: Plan): string {
  // What is still to be built by a need will stand there.
  const isMissing = plan.executor === "local" && plan.program === null && isAbsolute(plan.argv[0]);
  const whole = isMissing ? { ...plan, program: plan.argv[0] } : plan;
  // JSON holds no NUL.
  return digest(canonicalJson(whole).replaceAll(plan.callId, "\0"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
