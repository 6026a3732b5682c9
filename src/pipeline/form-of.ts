import { createHash } from "node:crypto";
import { canonicalJson } from "../base/canonical.ts";
import { plainText } from "../base/text.ts";
import { visibleText } from "../base/visible.ts";
import { parameterOf } from "../command/command.ts";
import type { Field } from "../command/field.ts";
import type { Call } from "./call.ts";
import type { Form } from "./form.ts";
import { endsOf, shortened } from "./plan-lines.ts";
import { cleanerOf } from "./settle.ts";

type FormCall = Pick<Call, "command" | "caller" | "given" | "context">;

/** The form of a call; the second one says what was wrong with the first. */
export function formOf(call: FormCall, fields: readonly Field[], faults: readonly string[]): Form {
  const { command, caller, given, context } = call;
  const asking: AskingForm = {
    name: command.name,
    of: ["form", caller],
    callId: context.callId,
    given: given as object,
    isSecret: (name) => parameterOf(command, name)?.secret === true,
    clean: cleanerOf(call),
  };
  return formFor(asking, fields, faults);
}

/** What asks for something by a form. */
export interface AskingForm {
  readonly name: string;
  /** What an answer counts for beside the name, what was given and the fields. */
  readonly of: readonly string[];
  readonly callId: string;
  readonly given: object;
  isSecret(name: string): boolean;
  clean(text: string): string;
}

export function formFor(asking: AskingForm, fields: readonly Field[], faults: readonly string[]): Form {
  const { name, of, callId, given, clean } = asking;
  const lines = givenLines(asking);
  const text = [
    ...(faults.length === 0 ? [] : [`That did not fit:\n${faults.map((fault) => indented(clean(fault))).join("\n")}`]),
    `${name} asks you for: ${fields.map((field) => field.name).join(", ")}`,
    ...(lines.length === 0 ? [] : [`It is called with:\n${lines.join("\n")}`]),
  ].join("\n\n");
  const hash = createHash("sha256")
    .update(canonicalJson([...of, name, given, fields]))
    .digest("base64url");
  return { tool: name, callId, text, fields, hash, isAgain: faults.length > 0 };
}

/** Each value in one line, whatever it holds. */
function givenLines({ given, isSecret, clean }: AskingForm): readonly string[] {
  return Object.entries(given)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => {
      if (isSecret(name)) return indented(`${name}: [redacted]`);
      const text = clean(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
      const { ends, without } = endsOf(text);
      return indented(shortened(`${visibleText(name)}: ${visibleText(ends)}`, without));
    });
}

function indented(text: string): string {
  return `    ${plainText(text).replaceAll("\n", " ")}`;
}
