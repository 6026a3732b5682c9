import type { Context } from "../verb.ts";

/** One thing that `mcpfier doctor` looks at. */
export type Check = (context: Context) => Promise<readonly Finding[]>;

export interface Finding {
  /** `warning`: it works, and could be better; `error`: something does not work. */
  readonly status: "fine" | "warning" | "error";
  readonly name: string;
  readonly text: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly mend: string;
}
