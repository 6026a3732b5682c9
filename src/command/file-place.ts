import type { PathRule } from "./command.ts";
import type { Template } from "./template.ts";

/** A file that is named by a constant path, or by one argument of `type: path`; both lead to where the rule says. */
export interface FilePlace {
  readonly path: Template;
  readonly rule: PathRule;
}
