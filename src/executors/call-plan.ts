import type { Variable } from "../command/environment.ts";
import type { PrivateFile } from "../command/render.ts";
import type { PlannedLimit } from "./limit.ts";

/** What a call is wherever it runs. */
export interface CallPlan {
  readonly tool: string;
  readonly callId: string;
  /** The program's name as it is written, then its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly env: readonly Variable[];
  readonly stdin: string | null;
  readonly files: readonly PrivateFile[];
  readonly timeoutMs: number;
  /** How long it may print nothing; null: as long as it likes. */
  readonly idleTimeoutMs: number | null;
  readonly limits: readonly PlannedLimit[];
  /** Values that are replaced by `[redacted]` wherever the plan or the output is shown. */
  readonly secrets: readonly string[];
}
