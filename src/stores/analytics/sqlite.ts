import type { DatabaseSync } from "node:sqlite";
import type { Stats } from "node:fs";
import { faultOf } from "../../base/files.ts";
import { statOf } from "../../base/stat.ts";

export type Database = DatabaseSync;

/** Node 22 calls its SQLite experimental by a warning, which would tell users nothing; all other warnings pass. */
export function openSqlite(
  path: string,
  options: { readonly readOnly?: boolean; readonly timeout?: number },
): Database {
  const { emitWarning } = process;
  const quiet = (...args: readonly unknown[]): void => {
    if (!String(args[0]).startsWith("SQLite is")) (emitWarning as (...all: readonly unknown[]) => void)(...args);
  };
  process.emitWarning = quiet;
  try {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    return new DatabaseSync(path, options);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The file of a database; undefined where there is none yet. Throws where something else stands. */
export function fileAt(path: string): Stats | undefined {
  const there = statOf(path);
  if (there && !there.isFile()) throw new Error("something that is no file stands in its place");
  return there;
}

/** `PRAGMA user_version`: 0 where nobody has set it. */
export function versionOf(database: Database): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** The names of the columns of a table; none when there is no such table. */
export function columnsOf(database: Database, table: string): ReadonlySet<string> {
  const rows = database.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  return new Set(rows.map((row) => String(row["name"])));
}

/** Result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = new Set([5, 6]);
const DAMAGED = new Set([11, 26]);

const WORDS: ReadonlyMap<number, string> = new Map([
  [3, "permission was denied"],
  [5, "another process holds a lock on it"],
  [6, "another process holds a lock on it"],
  [8, "it cannot be written to"],
  [10, "the disk failed, or is full"],
  [11, "it is damaged"],
  [13, "the disk is full"],
  [14, "it cannot be opened"],
  [26, "it is no SQLite database"],
]);

/** What went wrong with a database. */
export interface Fault {
  readonly kind: "busy" | "damaged" | "other";
  readonly text: string;
}

export function databaseFault(error: unknown): Fault {
  const { errcode, message } = error as { readonly errcode?: number; readonly message?: string };
  if (errcode === undefined) return { kind: "other", text: faultOf(error) };
  const code = errcode & 0xff;
  const kind = BUSY.has(code) ? "busy" : DAMAGED.has(code) ? "damaged" : "other";
  return { kind, text: `${WORDS.get(code) ?? message ?? "unknown error"} (SQLite ${errcode})` };
}
