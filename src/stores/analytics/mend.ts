import { randomUUID } from "node:crypto";
import { realpathSync, renameSync, rmSync } from "node:fs";
import { checkOurs, moveAside } from "./aside.ts";
import { claim } from "./claim.ts";
import { TABLES } from "./schema.ts";
import { type Database, type Fault, columnsOf, databaseFault, openSqlite } from "./sqlite.ts";
import { createStore } from "./store.ts";

/**
 * Puts a new database in the place of a damaged one, with all rows that can be read from both ends of its tables: writers, who
 * only see its end, may never meet the damage. Answers with what is to be said; throws where it cannot be done.
 */
export function mend(path: string, fault: Fault): string {
  checkOurs(path, fault);
  try {
    const from = realpathSync(path);
    const fresh = `${from}.new-${randomUUID()}`;
    try {
      const rows = salvage(from, fresh);
      const aside = moveAside(from);
      renameSync(fresh, from);
      return `it was damaged, so it was moved to ${aside}; what could be read of it, ${rows} calls and requests, is in a new one`;
    } finally {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(fresh + suffix, { force: true });
    }
  } catch (error) {
    const why = databaseFault(error).text;
    throw new Error(`${fault.text}, and cannot be mended (${why}): move it away, and a new one is begun`, {
      cause: error,
    });
  }
}

/** Copies what can be read into a new database, and answers how many rows that is. */
function salvage(from: string, fresh: string): number {
  const store = createStore(fresh);
  const { fault } = store.write({ events: [], before: null });
  store.close();
  if (fault) throw new Error(fault.text);
  const [damaged, database] = [openSqlite(from, { readOnly: true }), openSqlite(fresh, {})];
  try {
    claim(damaged);
    database.exec("BEGIN");
    const rows = TABLES.reduce((sum, { name }) => sum + copyTable(damaged, database, name), 0);
    database.exec("COMMIT");
    return rows;
  } finally {
    damaged.close();
    database.close();
  }
}

function copyTable(damaged: Database, database: Database, table: string): number {
  const known = columnsOf(damaged, table);
  const names = [...columnsOf(database, table)].filter((name) => known.has(name)).join(", ");
  if (names === "") return 0;
  const insert = database.prepare(
    `INSERT OR IGNORE INTO ${table} (${names}) VALUES (${names.replaceAll(/\w+/g, ":$&")})`,
  );
  let rows = 0;
  for (const order of ["ASC", "DESC"]) {
    try {
      for (const row of damaged.prepare(`SELECT ${names} FROM ${table} NOT INDEXED ORDER BY id ${order}`).iterate())
        rows += Number(insert.run(row).changes);
      return rows;
    } catch (error) {
      if (databaseFault(error).kind !== "damaged") throw error;
    }
  }
  return rows;
}
