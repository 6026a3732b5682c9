import type { Command, JsonSchema } from "./command.ts";

const TOLD = "When this is not given, the user is asked for it.";

/** The schema of a command's arguments as it is shown to who calls it: what the user can be asked for may be left out. */
export function offeredSchema({ ask, inputSchema }: Pick<Command, "ask" | "inputSchema">): JsonSchema {
  if (ask.length === 0) return inputSchema;
  const asked = new Set(ask.map(({ name }) => name));
  const { required = [], ...rest } = inputSchema as {
    readonly required?: readonly string[];
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
  const properties = Object.fromEntries(
    Object.entries(rest.properties).map(([name, schema]) => [name, asked.has(name) ? told(schema) : schema]),
  );
  const left = required.filter((name) => !asked.has(name));
  return { ...rest, properties, ...(left.length === 0 ? {} : { required: left }) };
}

/** Without its default, which clients would fill in, so that nobody were asked. */
function told(schema: JsonSchema): JsonSchema {
  const words = Object.entries(schema).filter(([key]) => key !== "default" && key !== "description");
  const { description: own } = schema as { readonly description?: string };
  const description = own === undefined ? TOLD : `${own} ${TOLD}`;
  return { ...Object.fromEntries(words), description };
}
