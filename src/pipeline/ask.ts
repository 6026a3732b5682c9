import { Refusal, type RefusalCode, refuse } from "../base/refusal.ts";
import { settleArguments } from "../command/arguments.ts";
import type { Command, Signature } from "../command/command.ts";
import type { Field } from "../command/field.ts";
import type { Call, Middleware, Next, Outcome } from "./call.ts";
import type { Fill, Filled, Form } from "./form.ts";
import { formOf } from "./form-of.ts";
import { neverStarted } from "./stopped.ts";
import { checkReady, settled } from "./validate.ts";
import type { Waiter, WaitingRoom } from "./waiting-room.ts";

type Given = Readonly<Record<string, unknown>>;

/**
 * Has the user asked for what a command lists under `ask` and its caller did not give. What was entered is checked as if the
 * caller had given it; what does not fit is asked for once more.
 */
export function createAsk(room: WaitingRoom): Middleware {
  async function ask(call: Call, next: Next, fields: readonly Field[]): Promise<Outcome> {
    const { command, caller, given, fill, dryRun, signal } = call;
    if (signal.aborted) return neverStarted(call);
    const others = given as Given;
    checkReady(command);
    if (dryRun || !fill) {
      const open = fields.filter((field) => (dryRun ? isOpen(field) : !Object.hasOwn(others, field.name)));
      if (open.length > 0) throw unasked(command, open, dryRun);
      return next(call);
    }
    // Nobody is asked about a call that cannot run whatever they answer.
    await settleArguments(withoutFields(command, fields), others);
    call.watch.doing("waiting for what the user is asked for");
    const wanted: Wanted = {
      name: command.name,
      undone: `"${command.name}" was not run`,
      given: others,
      fields,
      fill,
      caller,
      signal,
      formOf: (faults) => formOf(call, fields, faults),
      check: (entered) => settled(command, entered),
    };
    const entered = await askFor(wanted, room);
    return entered ? next({ ...call, given: entered }) : neverStarted(call);
  }

  return (call, next) => {
    const fields = fieldsOf(call.command, call.given);
    return fields.length === 0 ? next(call) : ask(call, next, fields);
  };
}

/** The fields for which a caller gave nothing. */
export function fieldsOf({ ask }: Pick<Command, "ask">, given: unknown): readonly Field[] {
  if (ask.length === 0 || typeof given !== "object" || given === null || Array.isArray(given)) return [];
  const values = new Map<string, unknown>(Object.entries(given));
  return ask.filter(({ name }) => (values.get(name) ?? null) === null);
}

/** Whether nothing can be planned without it. */
function isOpen({ required, preset }: Field): boolean {
  return required && preset === null;
}

/** What a user is asked for before something goes on. */
export interface Wanted extends Waiter {
  readonly name: string;
  /** What became of it when nobody answers. */
  readonly undone: string;
  readonly given: Given;
  readonly fields: readonly Field[];
  readonly fill: Fill;
  /** With what was wrong with the first answer. */
  formOf(faults: readonly string[]): Form;
  /** Refuses what does not fit. */
  check(entered: Given): Promise<unknown>;
}

/** All arguments, with what was entered; undefined: nobody waits for it any longer. */
export async function askFor(wanted: Wanted, room: WaitingRoom): Promise<Given | undefined> {
  const { given, fields, fill, signal, check } = wanted;
  let faults: readonly string[] = [];
  for (;;) {
    const isAgain = faults.length > 0;
    const about = faults;
    const answer = await room.wait((either) => fill(wanted.formOf(about), either), wanted);
    if (signal.aborted) return undefined;
    if (typeof answer === "string") throw refusalOf(answer, wanted, room);
    const values = valuesOf(answer, fields);
    const entered = { ...given, ...values };
    try {
      checkSize(values);
      await check(entered);
      return entered;
    } catch (error) {
      if (!(error instanceof Refusal) || isAgain || answer.isLast) throw error;
      faults = error.problems;
    }
  }
}

/** Of what was not asked for nothing is taken. A field that was left blank was not given, as a text of no length cannot be told from it. */
function valuesOf({ content }: Filled, fields: readonly Field[]): Given {
  const entered = new Map(Object.entries(content));
  const values = fields.map(({ name }) => [name, entered.get(name) ?? null] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== null && value !== ""));
}

/** What is entered is carried to and fro, and a line of the protocol has 4 MiB. */
const LONGEST = 128 * 1024;

function checkSize(values: Given): void {
  const { length } = JSON.stringify(values);
  if (length > LONGEST)
    throw refuse(
      "arguments.too_large",
      `expected ${LONGEST} characters at most in all fields together, came ${length}`,
    );
}

export function withoutFields({ params, inputSchema }: Signature, fields: readonly Field[]): Signature {
  const names = new Set(fields.map(({ name }) => name));
  const { required = [] } = inputSchema as { readonly required?: readonly string[] };
  return {
    params: params.filter(({ name }) => !names.has(name)),
    inputSchema: { ...inputSchema, required: required.filter((name) => !names.has(name)) },
  };
}

function unasked({ name }: Command, fields: readonly Field[], dryRun: boolean): Refusal {
  const names = listOf(fields);
  const options = fields.map((field) => `\`--${field.name.replaceAll("_", "-")}\``).join(", ");
  const why = dryRun
    ? `"${name}" asks its user for ${names}, and a dry run asks nobody: give a value to see what would run`
    : `"${name}" asks its user for ${names}, and nobody can be asked here: ask them yourself and give what they say, or null where it may stay open; or call it from a client that can ask its user (elicitation)`;
  return refuse("ask.unavailable", `${why}; on the command line by ${options}`);
}

const REFUSED = {
  unavailable: "ask.unavailable",
  declined: "ask.declined",
  asked: "ask.asked",
  late: "ask.late",
} as const satisfies Record<string, RefusalCode>;

function refusalOf(answer: keyof typeof REFUSED, { name, undone, fields }: Wanted, room: WaitingRoom): Refusal {
  const names = listOf(fields);
  const texts: Record<typeof answer, string> = {
    unavailable: `the user could not be asked for ${names}, so that ${undone}; ask them yourself and give what they say, or null where it may stay open`,
    declined: `the user was asked for ${names} and did not answer, so that ${undone}; call it again only when the user asks for it`,
    asked: `the user is asked for ${names}; the answer belongs into the same call, sent once more`,
    late: `nobody answered within ${room.waitMs / 1000} s what "${name}" asked for (${names}), so that ${undone}; call it again to have the user asked again`,
  };
  return refuse(REFUSED[answer], texts[answer]);
}

function listOf(fields: readonly Field[]): string {
  return fields.map(({ name }) => `"${name}"`).join(", ");
}
