import type { Values } from "./arguments.ts";
import { fillText } from "./fill.ts";
import { type Template, lonePlace } from "./template.ts";

/** A command of the catalogue, called with what is fixed and with what comes from the arguments of whatever uses it. */
export interface Use {
  readonly command: string;
  readonly args: Readonly<Record<string, UseArgument>>;
}

export type UseArgument =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "text"; readonly template: Template }
  | { readonly kind: "list"; readonly items: readonly Template[] };

/** What the command is called with; what mentions an argument that was not given vanishes. */
export function argumentsOf({ args }: Use, values: Values): Readonly<Record<string, unknown>> {
  const given = Object.entries(args).map(([name, argument]) => [name, valueOf(argument, values)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function valueOf(argument: UseArgument, values: Values): unknown {
  if (argument.kind === "value") return argument.value;
  if (argument.kind === "text") return filled(argument.template, values);
  return argument.items.map((item) => filled(item, values)).filter((item) => item !== undefined);
}

/** A place that stands alone is the value itself, a number as a number. */
function filled(template: Template, values: Values): unknown {
  const alone = lonePlace(template);
  return alone === undefined ? fillText(template, values) : values.get(alone);
}
