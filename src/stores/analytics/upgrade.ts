import { claim } from "./claim.ts";
import { TABLES, VERSION } from "./schema.ts";
import { type Database, columnsOf, versionOf } from "./sqlite.ts";

/**
 * Gives a new database, or one of the original MCPFier, the tables of this version, in one transaction and without touching a
 * row; what is missing of a table comes back. Throws for one that is not ours.
 */
export function upgrade(database: Database): void {
  if (isDone(database)) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have done it while this one waited for the lock.
    claim(database);
    if (!isDone(database)) {
      for (const table of TABLES) complete(database, table);
      database.exec(`PRAGMA user_version = ${VERSION}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function isDone(database: Database): boolean {
  return versionOf(database) === VERSION && TABLES.every((table) => missing(database, table).length === 0);
}

function missing(database: Database, { name, first, added }: (typeof TABLES)[number]): readonly (readonly string[])[] {
  const known = columnsOf(database, name);
  return [...first, ...added].filter(([column]) => !known.has(column));
}

function complete(database: Database, table: (typeof TABLES)[number]): void {
  const { name, first, indexed } = table;
  const spelt = first.map((column) => column.join(" ")).join(", ");
  database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${spelt})`);
  for (const column of missing(database, table)) database.exec(`ALTER TABLE ${name} ADD COLUMN ${column.join(" ")}`);
  for (const column of indexed) database.exec(`CREATE INDEX IF NOT EXISTS idx_${name}_${column} ON ${name}(${column})`);
}
