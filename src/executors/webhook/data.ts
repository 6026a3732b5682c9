import type { Values } from "../../command/arguments.ts";
import { parameterOf, takesArray } from "../../command/command.ts";
import { type Filling, fill, textsOf } from "../../command/render.ts";
import { lonePlace } from "../../command/template.ts";
import type { HookValue } from "../../command/webhook.ts";

/** What the places of a request are filled from. */
export interface HookFilling extends Filling {
  /** As they were given: `null` is nothing in a text, and something in JSON. */
  readonly given: Values;
}

/**
 * The data that a value stands for; undefined: it vanishes, as does a map or a list of which nothing is left. One place alone keeps
 * the type of what fills it, null too where the parameter takes null.
 */
export function dataOf(value: HookValue, filling: HookFilling): unknown {
  if (value.kind === "constant") return value.value;
  if (value.kind === "text") {
    const alone = lonePlace(value.template);
    return alone === undefined ? fill(value.template, filling)?.join("") : dataOfPlace(alone, filling);
  }
  if (value.kind === "list") {
    const items = value.items.map((item) => dataOf(item, filling)).filter((item) => item !== undefined);
    return items.length === 0 && value.items.length > 0 ? undefined : items;
  }
  const entries = value.entries.flatMap(([name, inner]) => {
    const data = dataOf(inner, filling);
    return data === undefined ? [] : [[name, data] as const];
  });
  return entries.length === 0 && value.entries.length > 0 ? undefined : Object.fromEntries(entries);
}

/** An array with a `join` is a text wherever it stands. */
function dataOfPlace(name: string, filling: HookFilling): unknown {
  const { command, given } = filling;
  const isJoined = takesArray(command, name) && (parameterOf(command, name)?.join ?? null) !== null;
  return isJoined && Array.isArray(given.get(name)) ? textsOf(name, filling)[0] : given.get(name);
}
