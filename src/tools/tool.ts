import type { Catalogue } from "../catalogue/catalogue.ts";
import type { JsonSchema } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Sink } from "../executors/executor.ts";
import type { Outcome } from "../pipeline/call.ts";

/** A tool of mcpfier itself, beside those of the catalogue. Its name begins with `mcpfier_`. */
export interface OwnTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12; arguments are checked against it before the call. */
  readonly inputSchema: JsonSchema;
  readonly readOnly: boolean;
  /** Whether the catalogue gives it something to do; it is listed only then. */
  isWanted(catalogue: Catalogue): boolean;
  /** Throws a `Refusal` for what cannot be done. */
  call(engine: Engine, values: Readonly<Record<string, unknown>>, io: ToolIO): Promise<Reply | Outcome>;
}

export interface ToolIO {
  readonly signal: AbortSignal;
  /** Told of output while a job is waited for, secrets redacted. */
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** The answer of a tool that runs no command. */
export interface Reply {
  readonly kind: "reply";
  readonly text: string;
}
