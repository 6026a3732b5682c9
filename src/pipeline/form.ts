import type { Field } from "../command/field.ts";
import type { Answer } from "./question.ts";

/** What somebody is to fill in before a call goes on. */
export interface Form {
  readonly tool: string;
  readonly callId: string;
  /** For people: what is asked for, what the caller gave, and what was wrong with the first answer; without secrets. */
  readonly text: string;
  readonly fields: readonly Field[];
  /** Of all that an answer counts for: the caller, the tool, the arguments and the fields. */
  readonly hash: string;
  /** Whether the first answer was refused; there is no third form. */
  readonly isAgain: boolean;
}

/** What was entered, by the names of the fields; whether it is the answer to the second form. */
export interface Filled {
  readonly content: Readonly<Record<string, unknown>>;
  readonly isLast: boolean;
}

/** Has somebody fill a form in; when the signal aborts, the answer is not waited for any longer. */
export type Fill = (form: Form, signal: AbortSignal) => Promise<Filled | Exclude<Answer, "accepted">>;
