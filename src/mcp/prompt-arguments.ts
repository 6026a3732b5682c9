import { type Complaint, refuseAll } from "../base/refusal.ts";
import { redact } from "../base/secret.ts";
import type { Values } from "../command/arguments.ts";
import type { Prompt } from "../command/prompt.ts";
import { settleTexts } from "../command/texts.ts";
import { type Wanted, askFor, fieldsOf, withoutFields } from "../pipeline/ask.ts";
import { formFor } from "../pipeline/form-of.ts";
import type { Fill } from "../pipeline/form.ts";
import type { WaitingRoom } from "../pipeline/waiting-room.ts";

export interface PromptAsking {
  /** Undefined: nobody can be asked. */
  readonly fill: Fill | undefined;
  readonly signal: AbortSignal;
  readonly room: WaitingRoom;
  readonly secrets: readonly string[];
}

/** The checked arguments of a prompt, with what its user was asked for. A person who can be asked nothing has left it blank. */
export async function settlePrompt(
  prompt: Prompt,
  given: Readonly<Record<string, string>>,
  { fill, signal, room, secrets }: PromptAsking,
): Promise<Values> {
  const fields = fieldsOf(prompt, given);
  if (fields.length === 0 || !fill) return settleTexts(prompt, given);
  await settleTexts(withoutFields(prompt, fields), given);
  const form = {
    name: prompt.name,
    of: ["prompt"],
    callId: "",
    given,
    isSecret: () => false,
    clean: (text: string) => redact(text, secrets),
  };
  const wanted: Wanted = {
    name: prompt.name,
    undone: `the prompt "${prompt.name}" was not made`,
    given,
    fields,
    fill,
    // The room is that of one client.
    caller: "",
    signal,
    formOf: (faults) => formFor(form, fields, faults),
    check: (entered) => settleTexts(prompt, textsOf(entered)),
  };
  const entered = await askFor(wanted, room);
  return settleTexts(prompt, textsOf(entered ?? given));
}

/** As a person would have typed it. A client may send anything for a field; an argument of a prompt is one value. */
function textsOf(entered: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const complaints: Complaint[] = [];
  const texts = Object.entries(entered).map(([name, value]) => {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      return [name, String(value)] as const;
    const came = Array.isArray(value) ? "an array" : "an object";
    complaints.push({ code: "arguments.invalid", text: `${name}: expected one value, came ${came}` });
    return [name, ""] as const;
  });
  refuseAll(complaints);
  return Object.fromEntries(texts);
}
