import { lazy } from "../../base/lazy.ts";
import type { JsonSchema } from "../../command/command.ts";
import { excerpt } from "../excerpt.ts";
import type { Format } from "./format.ts";
import { type Language, shortened, structureOf } from "./structure.ts";

const validator = lazy(() => import("../../command/validator.ts"));

/** How many mistakes of one result are told. */
const MOST_PROBLEMS = 20;

/** A format whose result is also data, checked against the schema that the catalogue promises for it. */
export function dataFormat(language: Language): Format {
  return {
    isBinary: false,
    read: async (printed) => {
      const { stdout, output } = printed;
      const shown = excerpt(stdout, output.maxBytes, printed);
      const parsed = await structureOf(printed, shown, language);
      const fault = "fault" in parsed ? parsed.fault : await misfit(parsed.value, output.schema);
      return {
        content: [],
        excerpt: shown,
        structured: "value" in parsed && fault === "" ? parsed.value : undefined,
        fault,
        isError: fault !== "" && output.schema !== null,
      };
    },
  };
}

async function misfit(value: unknown, schema: JsonSchema | null): Promise<string> {
  if (schema === null) return "";
  const { validatorOf } = await validator();
  // A copy: the validator fills defaults in, and the program's result is not ours to change.
  const problems = validatorOf(schema)(structuredClone(value));
  if (problems.length === 0) return "";
  const lines = problems.map(({ path, text }) => `${path.join(".") || "the result"}: ${text}`);
  return `the output does not fit the tool's schema:\n${listProblems(lines)}`;
}

/** One on each line, and no more than a model reads. */
export function listProblems(lines: readonly string[]): string {
  const more = lines.length > MOST_PROBLEMS ? [`and ${lines.length - MOST_PROBLEMS} more`] : [];
  return [...lines.slice(0, MOST_PROBLEMS).map(shortened), ...more].join("\n");
}
