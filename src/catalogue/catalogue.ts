import type { Command } from "../command/command.ts";
import type { Icon } from "../command/icon.ts";
import type { Prompt } from "../command/prompt.ts";
import type { Resource } from "../command/resource.ts";
import type { Workspace } from "./workspace.ts";

/** A checked catalogue, complete and read-only. Plain JSON data. */
export interface Catalogue {
  /** The real path of the main file. */
  readonly file: string;
  /** The real paths of all files that it was read from. */
  readonly files: readonly string[];
  readonly name: string;
  readonly title: string;
  readonly instructions: string;
  readonly icons: readonly Icon[];
  readonly commands: readonly Command[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  readonly workspace: Workspace;
  readonly settings: Settings;
  /** Values of the host's environment that are redacted wherever we write. */
  readonly secrets: readonly string[];
  /** The PATH of every command that sets none. */
  readonly path: string;
}

/** What holds for the server as a whole. */
export interface Settings {
  /** How many calls run at once; null: four for each core. */
  readonly concurrency: number | null;
  /** How many calls may wait. */
  readonly queue: number;
  /** How long, and how much in all, records of output are kept. */
  readonly records: { readonly maxAgeMs: number; readonly maxBytes: number };
  /** Where `mcpfier --server` listens, as `--http` would name it, not checked; and whether clients are to prove who they are. */
  readonly http: { readonly address: string; readonly needsAuth: boolean };
  /** Whether calls are recorded in a database, in which one (null: that of the user), and for how many days (0: for ever). */
  readonly analytics: {
    readonly enabled: boolean;
    readonly databasePath: string | null;
    readonly retentionDays: number;
  };
}
