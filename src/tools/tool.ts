import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Command, JsonSchema } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Jobs } from "../jobs.ts";
import type { Outcome } from "../pipeline/call.ts";
import type { Watcher } from "../pipeline/relay.ts";

/** A tool of mcpfier itself, beside those of the catalogue. Its name begins with `mcpfier_`. */
export interface OwnTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12; arguments are checked against it before the call. */
  readonly inputSchema: JsonSchema;
  readonly readOnly: boolean;
  /** Whether the catalogue or a job gives it something to do; it is listed only then. */
  isWanted(catalogue: Catalogue, jobs: Jobs): boolean;
  /** Throws a `Refusal` for what cannot be done. */
  call(engine: Engine, values: Readonly<Record<string, unknown>>, io: ToolIO): Promise<Reply | CallReply>;
}

export interface ToolIO {
  readonly signal: AbortSignal;
  /** What the caller follows a call of this command by. */
  follow(command: Command, callId: () => string): Watcher;
}

/** The answer of a tool that runs no command. */
export interface Reply {
  readonly kind: "reply";
  readonly text: string;
  /** The call that it tells of, if it does. */
  readonly about?: Outcome;
}

/** What the call of a command itself would have answered. */
export interface CallReply {
  readonly kind: "call";
  readonly outcome: Outcome;
  readonly command: Command;
}
