/**
 * A program that starts MCP servers, and how it is told of one. Clients are data: places are patterns (see place.ts), and what
 * they do not share is a field here.
 */
export interface Client {
  /** What `--client` takes. */
  readonly id: string;
  readonly name: string;
  /** Whether the client reads comments and trailing commas. */
  readonly syntax: "json" | "jsonc";
  /** The keys that lead to its map of servers. */
  readonly map: readonly string[];
  /** The file of a user; of several patterns, the one that place.ts chooses. */
  readonly user: PerSystem;
  /** The file of a project, below its folder; null: it reads none. */
  readonly project: string | null;
  /** What is there when the client is: files, folders that hold something, and programs on PATH. */
  readonly signs: { readonly paths: PerSystem; readonly programs: readonly string[] };
  /** What its entries have beside `command` and `args`. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** How it takes a variable NAME from its own environment; null: it cannot. */
  readonly reference: string | null;
  /** How it starts servers: a desktop has neither the PATH of a shell nor its variables, nor a working directory that means anything. */
  readonly starts: "desktop" | "desktop, at home" | "terminal";
  /** What a user does so that it reads the file again. */
  readonly next: string;
}

/** Patterns of paths for each system; those that are no Mac and no Windows count as Linux. */
export type PerSystem = readonly string[] | Readonly<Record<"darwin" | "win32" | "linux", readonly string[]>>;

/** What a client's file says of one server. */
export type Entry = Readonly<Record<string, unknown>>;
