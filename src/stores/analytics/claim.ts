import { closeSync, openSync, readSync } from "node:fs";
import { TABLES, VERSION } from "./schema.ts";
import { type Database, columnsOf, versionOf } from "./sqlite.ts";

/** Throws for a database that is not to be written to: a newer mcpfier's, or another program's. A new one has no table yet. */
export function claim(database: Database): void {
  const version = versionOf(database);
  const known = TABLES.map(({ name, marks }) => ({ marks, columns: columnsOf(database, name) })).filter(
    ({ columns }) => columns.size > 0,
  );
  const isOurs =
    known.length > 0
      ? known.every(({ marks, columns }) => marks.every((mark) => columns.has(mark)))
      : !hasTables(database);
  if (!isOurs) throw new Error("it is the database of another program: set another `database_path`");
  if (version > VERSION)
    throw new Error(
      `it is of version ${version}, written by a newer mcpfier, and this one knows version ${VERSION}: update mcpfier, or set another \`database_path\``,
    );
}

function hasTables(database: Database): boolean {
  const row = database
    .prepare("SELECT COUNT(*) AS count FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .get();
  return Number(row?.["count"]) > 0;
}

const LARGEST_PAGE = 65_536;

/** Whether a damaged database held calls: its first page has the words by which its first tables were made (sqlite.org/fileformat2.html). */
export function heldCalls(path: string): boolean {
  const bytes = Buffer.alloc(LARGEST_PAGE);
  // Closing it drops all locks that this process has on it, which is why no connection may stand now.
  const file = openSync(path, "r");
  try {
    readSync(file, bytes, 0, LARGEST_PAGE, 0);
  } finally {
    closeSync(file);
  }
  const written = bytes.readUInt16BE(16);
  const page = bytes.toString("latin1", 0, written === 1 ? LARGEST_PAGE : written);
  return (
    page.startsWith("SQLite format 3\0") &&
    TABLES.some(({ name, marks }) => {
      const [, columns = ""] = new RegExp(`CREATE TABLE\\s+\\W?${name}\\W([^\\0]*)`, "i").exec(page) ?? [];
      return columns !== "" && marks.every((mark) => columns.includes(mark));
    })
  );
}
