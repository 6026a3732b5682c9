import type { Container } from "./container.ts";
import type { Field } from "./field.ts";
import type { Icon } from "./icon.ts";
import type { Template } from "./template.ts";
import type { Webhook } from "./webhook.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** A command of a catalogue, complete: every default is filled in. Plain JSON data. */
export interface Command {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly icons: readonly Icon[];
  /** `NO_PROGRAM` of a webhook. */
  readonly program: Program;
  readonly params: readonly Parameter[];
  /** What arguments are checked against; what the model sees of it is `offeredSchema`. */
  readonly inputSchema: JsonSchema;
  /** What the user is asked for when it is not given. */
  readonly ask: readonly Field[];
  readonly stdin: Template | null;
  readonly cwd: Template;
  /** The real path of the workspace. */
  readonly workspace: string;
  /** Whether it needs a workspace and nobody has named one: every call is refused. */
  readonly lacksWorkspace: boolean;
  readonly env: Environment;
  /** The `${NAME}` of the catalogue that were not set when it was loaded; where there are any, every call is refused. */
  readonly unset: readonly string[];
  /** Null: it runs on the host itself. */
  readonly container: Container | null;
  /** Null: it runs a program. */
  readonly webhook: Webhook | null;
  /** `group` leaves it in a process group, `auto` contains it as far as the host allows. */
  readonly isolation: "auto" | "group";
  readonly timeoutMs: number;
  /** How long it may print nothing; null: as long as it likes. */
  readonly idleTimeoutMs: number | null;
  readonly limits: Limits;
  /** The exit codes that are a success, with their meaning; empty text where none is given. */
  readonly okExitCodes: Readonly<Record<string, string>>;
  readonly output: Output;
  /** What is told of while it runs: each line, or the percentages that it prints. */
  readonly progress: "lines" | "percent";
  /** After how long a call goes on as a job; null: never. */
  readonly handoffMs: number | null;
  /** How many of its calls run at once, and how many may wait; null: only the server's own bounds count. */
  readonly concurrency: number | null;
  readonly queue: number | null;
  readonly retry: Retry | null;
  /** Names of the commands that run before it. */
  readonly needs: readonly string[];
  /** How long its result is good for the same arguments; null: not at all. */
  readonly cacheMs: number | null;
  readonly effect: "read" | "write" | "destructive";
  readonly idempotent: boolean;
  readonly openWorld: boolean;
  /** What a user must accept before it runs; null: it runs without. */
  readonly confirm: Template | null;
  readonly constraints: readonly Constraint[];
  readonly tests: readonly CommandTest[];
}

/** What arguments are checked against. */
export type Signature = Pick<Command, "params" | "inputSchema">;

export type Program = ArgvProgram | ShellProgram;

export interface ArgvProgram {
  readonly kind: "argv";
  /** As it is written; with a slash it is absolute. */
  readonly name: string;
  /**
   * The absolute path that it was found at when the catalogue was loaded; null when it was not found. Of a command in a container,
   * the host's path of a program that is written relative to the catalogue; null: it is the image's.
   */
  readonly path: string | null;
  readonly items: readonly Item[];
}

/** What stands in the place of the program of a command that is a request. */
export const NO_PROGRAM: ArgvProgram = { kind: "argv", name: "", path: null, items: [] };

export interface ShellProgram {
  readonly kind: "shell";
  readonly shell: "sh" | "bash" | "pwsh";
  readonly path: string | null;
  readonly script: string;
}

/** A place in an argv list: one element, an optional group, or the place of all flags. */
export type Item = Element | Group | { readonly kind: "flags" };

export interface Element {
  readonly kind: "element";
  readonly template: Template;
  /** Whether a program could read the element as an option, so that a value may not begin with `-`. */
  readonly guarded: boolean;
}

/** Vanishes as a whole when a parameter that it mentions is absent; repeats once for each item of `over`. */
export interface Group {
  readonly kind: "group";
  readonly elements: readonly Element[];
  readonly over: string | null;
}

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly path: PathRule | null;
  readonly flag: Flag | null;
  readonly join: string | null;
  readonly asFile: boolean;
  readonly leadingDash: boolean;
  readonly secret: boolean;
  readonly positional: boolean;
}

/** A path must lie inside one of the roots (real paths); `exists` says what must stand there, null: anything or nothing. */
export interface PathRule {
  readonly roots: readonly string[];
  readonly exists: "file" | "dir" | "any" | "absent" | null;
}

export type Flag =
  | { readonly kind: "switch"; readonly argv: readonly string[] }
  | { readonly kind: "attached"; readonly prefix: string }
  | { readonly kind: "separate"; readonly option: string }
  | { readonly kind: "choice"; readonly argv: Readonly<Record<string, readonly string[]>> };

export interface Environment {
  /** Names of the host's variables that are passed on, `*` standing for any text; or all of them. */
  readonly inherit: readonly string[] | "all";
  readonly set: Readonly<Record<string, Template>>;
}

/** What a command may use; null: as much as it likes. Sizes are bytes. */
export interface Limits {
  /** Of all its processes together. */
  readonly memory: number | null;
  /** Cores, of all its processes together. */
  readonly cpu: number | null;
  /** Processes and threads, together. */
  readonly processes: number | null;
  /** Of each process. */
  readonly openFiles: number | null;
  /** Of each file that it writes. */
  readonly fileSize: number | null;
  /** What is kept of each output stream in its record. */
  readonly output: number;
  /** Whether it is refused where one of the others cannot be enforced. */
  readonly strict: boolean;
}

/** No wait between two attempts is longer. */
export const LONGEST_DELAY_MS = 300_000;

/** When a call is tried again; `on` null: after every failure. */
export interface Retry {
  /** How often in all. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly backoff: number;
  readonly on: readonly (number | "timeout")[] | null;
}

export interface Output {
  readonly format: "text" | "json" | "jsonl" | "csv" | "image" | "audio" | "file" | "mcp";
  readonly schema: JsonSchema | null;
  /** The media type, where the format carries one; empty: as the bytes tell. */
  readonly mime: string;
  /** Bytes that go to the model at most. */
  readonly maxBytes: number;
  readonly stderr: "auto" | "show";
}

/** A CEL condition; the names are those of the parameters that it cannot do without. */
export interface Constraint {
  readonly check: string;
  readonly message: string;
  readonly mentions: readonly string[];
}

/** What a command must render; null and absent keys are not compared. */
export interface CommandTest {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly argv: readonly Template[] | null;
  readonly env: Readonly<Record<string, Template | null>>;
  readonly stdin: Template | null;
  readonly cwd: Template | null;
  /** Of a webhook. */
  readonly request: RequestTest | null;
  readonly refused: string | null;
  /** The exit code; compared when the test is run. */
  readonly exit: number | null;
  /** What it must print, but for white space at the end; compared when the test is run. */
  readonly stdout: Template | null;
  readonly file: string;
  readonly line: number;
}

/** What a request must be; null and absent headers are not compared. */
export interface RequestTest {
  readonly method: string | null;
  readonly url: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: not compared. A map or a list is compared as JSON; null: there is none. */
  readonly body?: unknown;
}

/** The name of the executor that carries a command out. */
export function executorOf({
  container,
  webhook,
}: Pick<Command, "container" | "webhook">): "local" | "container" | "webhook" {
  return webhook ? "webhook" : container ? "container" : "local";
}

export function parameterOf(command: Signature, name: string): Parameter | undefined {
  return command.params.find((parameter) => parameter.name === name);
}

/** Whether a parameter is declared as an array; an array that another one is given is one JSON text. */
export function takesArray(command: Command, name: string): boolean {
  const properties = command.inputSchema["properties"] as Readonly<Record<string, { readonly type?: unknown }>>;
  return Object.hasOwn(properties, name) && [properties[name]?.type].flat().includes("array");
}
