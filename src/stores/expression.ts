import { RE2JS } from "@bufbuild/re2";
import { refuse } from "../base/refusal.ts";

/** Whether a line holds a match of a regular expression (RE2), in linear time; throws a `Refusal` for what is none. */
export function lineMatcher(pattern: string): (line: string) => boolean {
  try {
    const expression = RE2JS.compile(pattern);
    return (line) => expression.test(line);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse("arguments.invalid", `grep: expected a regular expression that RE2 takes, came "${pattern}": ${why}`);
  }
}
