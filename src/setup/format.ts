import type { Range } from "./splice.ts";

/** What a client's file says of one server. */
export type Entry = Readonly<Record<string, unknown>>;

/** The syntax of a client's file; `json`: it reads no comments and no trailing commas. */
export type Syntax = "json" | "jsonc" | "toml" | "yaml";

/** Where the entry of a server stands in a client's file. */
export interface Spot {
  /** The keys that lead to the servers. */
  readonly map: readonly string[];
  readonly name: string;
  /** The servers are a list, and each says its name. */
  readonly isList: boolean;
}

/** Why a text is not edited, as the end of a sentence. */
export interface Refused {
  readonly fault: string;
}

/** A client's file as it was read. */
export interface Document {
  readonly text: string;
  /** Nothing but white space and comments. */
  readonly isEmpty: boolean;
  /** Whether the servers have their place in it, be there any or not. */
  readonly hasMap: boolean;
  /** How many of the keys that lead to the servers are there. */
  readonly depth: number;
  /** What stands behind the last of them for no servers, and is no map; null: something else does. */
  readonly stub: string | null;
  /** What it says of the server; null: nothing. */
  readonly entry: Entry | null;
  comments(): readonly Range[];
  /** All values that consist of nothing else, wherever they stand. */
  leaves(): readonly Leaf[];
  /** The text with another value below the entry, or with another entry; what is missing on the way is made. */
  with(keys: readonly string[], value: unknown): string | Refused;
  /** The text without the entry. */
  without(): string | Refused;
}

export interface Leaf extends Range {
  readonly value: unknown;
  /** The keys that lead to it below the entry of the server, items of lists having none; null: it stands elsewhere. */
  readonly keys: readonly string[] | null;
}

/**
 * A syntax of configuration files: read for the places of everything, changed by splicing, and proven by a reader that does not share
 * its mistakes. A byte order mark is not a part of a text.
 */
export interface Format {
  read(text: string, spot: Spot): Document | Refused;
  /**
   * The text without the place of the servers, or with what stood there for none, where nothing stands in it, no comment either; otherwise
   * as it is. Proven like an edit.
   */
  withoutMap(text: string, spot: Spot, stub: string | null): string;
  /** Whether two texts that can be read differ in nothing but the entry. */
  differOnlyAt(spot: Spot, before: string, after: string): boolean;
  /** A new file with a few values at its top, and the entry, if any, where it goes. */
  snippet(spot: Spot, head: Entry, entry: Entry | null): string;
}

export function isRefused(value: object): value is Refused {
  return "fault" in value;
}
