import { type Complaint, refuseAll } from "../base/refusal.ts";
import { type Values, settleArguments } from "./arguments.ts";
import type { Signature } from "./command.ts";
import type { Use } from "./use.ts";

/** What takes arguments as text from a person, who is offered values for them. */
export interface Typed extends Signature {
  /** The commands that print these values, by the argument. */
  readonly completions: Readonly<Record<string, Use>>;
}

/** Checks arguments that came as text, a number and a boolean in the spelling of JSON; otherwise as `settleArguments`. */
export async function settleTexts(signature: Signature, given: Readonly<Record<string, string>>): Promise<Values> {
  const complaints: Complaint[] = [];
  const typed = Object.entries(given).map(([name, text]) => {
    const { type, enum: choices } = wordsOf(signature, name);
    const choice = choices?.find((each) => String(each) === text);
    if (choice !== undefined) return [name, choice] as const;
    const form = FORMS[type ?? ""];
    if (!form || form.pattern.test(text)) return [name, form ? JSON.parse(text) : text] as const;
    complaints.push({ code: "arguments.invalid", text: `${name}: expected ${form.said}, came ${quote(text)}` });
    return [name, undefined] as const;
  });
  refuseAll(complaints);
  return settleArguments(signature, Object.fromEntries(typed));
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const FORMS: { readonly [type: string]: { readonly pattern: RegExp; readonly said: string } | undefined } = {
  integer: { pattern: /^-?(?:0|[1-9]\d*)$/, said: "a whole number" },
  number: { pattern: NUMBER, said: "a number" },
  boolean: { pattern: /^(?:true|false)$/, said: "true or false" },
};

interface Words {
  readonly type?: string;
  readonly enum?: readonly unknown[];
}

function wordsOf({ inputSchema }: Signature, name: string): Words {
  const properties = inputSchema["properties"] as Readonly<Record<string, Words>>;
  return Object.hasOwn(properties, name) ? (properties[name] ?? {}) : {};
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
