import type { Template } from "./template.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** A command of a catalogue, complete: every default is filled in. Plain JSON data. */
export interface Command {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly program: Program;
  readonly params: readonly Parameter[];
  /** What the model sees, and what arguments are checked against. */
  readonly inputSchema: JsonSchema;
  readonly stdin: Template | null;
  readonly cwd: Template;
  /** The real path of the workspace. */
  readonly workspace: string;
  readonly env: Environment;
  readonly timeoutMs: number;
  /** The exit codes that are a success, with their meaning; empty text where none is given. */
  readonly okExitCodes: Readonly<Record<string, string>>;
  readonly output: Output;
  readonly effect: "read" | "write" | "destructive";
  readonly idempotent: boolean;
  readonly openWorld: boolean;
  readonly constraints: readonly Constraint[];
  readonly tests: readonly CommandTest[];
}

export type Program = ArgvProgram | ShellProgram;

export interface ArgvProgram {
  readonly kind: "argv";
  /** As it is written; with a slash it is absolute. */
  readonly name: string;
  /** The absolute path that it was found at when the catalogue was loaded; null when it was not found. */
  readonly path: string | null;
  readonly items: readonly Item[];
}

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

export interface Output {
  readonly format: "text" | "json";
  readonly schema: JsonSchema | null;
  /** Bytes of text that go to the model at most. */
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
  readonly refused: string | null;
  /** Whether it also says what the program must print or return, which rendering cannot tell. */
  readonly needsRun: boolean;
  readonly file: string;
  readonly line: number;
}

export function parameterOf(command: Command, name: string): Parameter | undefined {
  return command.params.find((parameter) => parameter.name === name);
}

/** Whether a parameter is declared as an array; an array that another one is given is one JSON text. */
export function takesArray(command: Command, name: string): boolean {
  const properties = command.inputSchema["properties"] as Readonly<Record<string, { readonly type?: unknown }>>;
  return Object.hasOwn(properties, name) && [properties[name]?.type].flat().includes("array");
}
