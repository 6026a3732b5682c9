import { TABLES, VERSION } from "./schema.ts";
import type { Database } from "./sqlite.ts";

/**
 * Gives a new database, or one of the original MCPFier, the tables of this version, in one transaction and without touching a
 * row. Throws for one of a newer version.
 */
export function upgrade(database: Database): void {
  if (versionOf(database) === VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have done it while this one waited for the lock.
    const version = versionOf(database);
    if (version > VERSION)
      throw new Error(
        `it is of version ${version}, written by a newer mcpfier, and this one knows version ${VERSION}: update mcpfier, or set another \`database_path\``,
      );
    if (version < VERSION) {
      for (const table of TABLES) complete(database, table);
      database.exec(`PRAGMA user_version = ${VERSION}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: Database): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function complete(database: Database, { name, first, added, indexed }: (typeof TABLES)[number]): void {
  const spelt = first.map((column) => column.join(" ")).join(", ");
  database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${spelt})`);
  const known = columnsOf(database, name);
  for (const [column, type] of added)
    if (!known.has(column)) database.exec(`ALTER TABLE ${name} ADD COLUMN ${column} ${type}`);
  for (const column of indexed) database.exec(`CREATE INDEX IF NOT EXISTS idx_${name}_${column} ON ${name}(${column})`);
}

/** The names of the columns of a table; none when there is no such table. */
export function columnsOf(database: Database, table: string): ReadonlySet<string> {
  const rows = database.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  return new Set(rows.map((row) => String(row["name"])));
}
