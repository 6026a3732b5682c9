import type { Entry, Syntax } from "./format.ts";

/**
 * A program that starts MCP servers, and how it is told of one. Clients are data: places are patterns (see place.ts), and what
 * they do not share is a field here.
 */
export interface Client {
  /** What `--client` takes. */
  readonly id: string;
  readonly name: string;
  readonly form: Form;
  /** The file of a user; of several patterns, the one that place.ts chooses. A text: where its user puts the entry by hand. */
  readonly user: PerSystem | string;
  /** The files of a project, below its folder, chosen as those of a user; empty: it reads none there. */
  readonly project: readonly string[];
  /** What is there when the client is: files, folders that hold something, and programs on PATH. */
  readonly signs: { readonly paths: PerSystem; readonly programs: readonly string[] };
  /** Its entries of servers that it starts. */
  readonly stdio: Stdio;
  /** Its entries of servers that it reaches at a URL; a text: why there are none, and what its user does instead. */
  readonly http: Http | string;
  /** How it starts servers: a desktop has neither the PATH of a shell nor its variables, nor a working directory that means anything. */
  readonly starts: "desktop" | "desktop, at home" | "terminal";
  /** What a user does so that it reads the file again. */
  readonly next: string;
  /** A link that has it add a server, with NAME, and BASE64, URI or NAMED_URI for the entry; null: there is none. */
  readonly link: string | null;
}

/** How its file is written. */
export interface Form {
  readonly syntax: Syntax;
  /** The keys that lead to its servers. */
  readonly map: readonly string[];
  /** A place inside of that one where a later version has them, and keys by which a server is told from it; null: it never moved them. */
  readonly newer: { readonly map: readonly string[]; readonly marks: readonly string[] } | null;
  /** The servers are a list, and each says its name. */
  readonly isList: boolean;
  /** What a new file begins with. */
  readonly head: Entry;
}

/** Values of `extra` that are NAME stand for the server's name. */
export interface Stdio {
  readonly extra: Entry;
  readonly program: "command" | "cmd";
  /** The key of the arguments; null: they follow the program in one list. */
  readonly args: "args" | null;
  readonly env: "env" | "envs" | "environment";
  /** How a server gets a variable from the client's own environment; null: it cannot. */
  readonly pass: Pass | null;
}

/** By a value that the client fills in, or by a list of names. */
export type Pass = { readonly reference: string } | { readonly names: string };

export interface Http {
  readonly extra: Entry;
  readonly url: "url" | "serverUrl" | "httpUrl" | "uri";
}

/** Patterns of paths for each system; those that are no Mac and no Windows count as Linux. */
export type PerSystem = readonly string[] | Readonly<Record<"darwin" | "win32" | "linux", readonly string[]>>;

/** What most clients share. */
export function usualForm(syntax: Syntax): Form {
  return { syntax, map: ["mcpServers"], newer: null, isList: false, head: {} };
}

/** What most clients share; `reference` as in `Pass`. */
export function usualStdio(reference: string | null, extra: Entry = {}): Stdio {
  const pass = reference === null ? null : { reference };
  return { extra, program: "command", args: "args", env: "env", pass };
}
