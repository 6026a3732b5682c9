import { createHash } from "node:crypto";
import { canonicalJson } from "../base/canonical.ts";
import { plainText } from "../base/text.ts";
import { visibleText } from "../base/visible.ts";
import { parameterOf } from "../command/command.ts";
import type { Field } from "../command/field.ts";
import type { Call } from "./call.ts";
import type { Form } from "./form.ts";
import { shortened } from "./plan-lines.ts";
import { cleanerOf } from "./settle.ts";

type FormCall = Pick<Call, "command" | "caller" | "given" | "context">;

/** The form of a call; the second one says what was wrong with the first. */
export function formOf(call: FormCall, fields: readonly Field[], faults: readonly string[]): Form {
  const { command, caller, given } = call;
  const names = fields.map(({ name }) => name).join(", ");
  const clean = cleanerOf(call);
  const lines = givenLines(call, clean);
  const text = [
    ...(faults.length === 0 ? [] : [`That did not fit:\n${faults.map((fault) => indented(clean(fault))).join("\n")}`]),
    `${command.name} asks you for: ${names}`,
    ...(lines.length === 0 ? [] : [`It is called with:\n${lines.join("\n")}`]),
  ].join("\n\n");
  const hash = createHash("sha256")
    .update(canonicalJson(["form", caller, command.name, given, fields]))
    .digest("base64url");
  return { tool: command.name, callId: call.context.callId, text, fields, hash, isAgain: faults.length > 0 };
}

/** Each value in one line, whatever it holds. */
function givenLines({ command, given }: FormCall, clean: (text: string) => string): readonly string[] {
  return Object.entries(given as object)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => {
      if (parameterOf(command, name)?.secret === true) return indented(`${name}: [redacted]`);
      const text = clean(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
      return indented(shortened(`${visibleText(name)}: ${visibleText(text)}`));
    });
}

function indented(text: string): string {
  return `    ${plainText(text).replaceAll("\n", " ")}`;
}
