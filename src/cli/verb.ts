import type { Command as Parser } from "commander";
import type { Host } from "../base/host.ts";
import type { LogLevel } from "../base/log.ts";

/** One verb of the command line. It writes to the streams of its context only, and answers with the exit code. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** A line that works, shown by `--help`. */
  readonly example: string;
  /** Whether `--help` says nothing of it: it is for programs. */
  readonly isHidden?: boolean;
  /** Adds the verb's own arguments and options. */
  declare(parser: Parser): void;
  /** `words` are the arguments in their order, those that `declare` did not name last. */
  run(context: Context, words: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number>;
}

export interface Context {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly host: Host;
  readonly cwd: string;
  readonly version: string;
  /** Differs with every build. */
  readonly build: string;
  /** Where the installed package lies. */
  readonly packageFolder: string;
  readonly global: GlobalOptions;
  /** The whole command line as it is declared. */
  grammar(): Parser;
  /** The help of the whole program. */
  help(): string;
  /** The help of the verb that runs. */
  verbHelp(): string;
}

export interface GlobalOptions {
  readonly config?: string;
  readonly workspace?: string;
  readonly color: "auto" | "always" | "never";
  readonly logLevel: LogLevel;
}

/** Exit codes of verbs that run no command; 2 is every verb's for a mistake in the command line. */
export const EXIT = {
  fine: 0,
  findings: 1,
  usage: 2,
  fatal: 3,
  unavailable: 69,
  config: 78,
  refused: 125,
  interrupted: 130,
} as const;
