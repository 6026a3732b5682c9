import { closeSync, openSync, realpathSync, rmSync } from "node:fs";
import { timestampOf } from "./event.ts";
import { TABLES } from "./schema.ts";
import { type Database, columnsOf, versionOf } from "./sqlite.ts";

const HOUR_MS = 3_600_000;

/**
 * Whether rows older than `before` are old by more than the word of a clock: there is a younger one that an hour has proved. One
 * that is set far ahead for a moment would remove all history.
 */
export function isProved(database: Database, before: string): boolean {
  const proved = timestampOf(Date.now() - HOUR_MS);
  return TABLES.some(({ name }) =>
    database.prepare(`SELECT 1 FROM ${name} WHERE timestamp >= ? AND timestamp <= ? LIMIT 1`).get(before, proved),
  );
}

/** A copy of the original's database, and how many rows of it are older than `before`. */
export interface Copy {
  readonly path: string;
  readonly rows: number;
}

/**
 * Copies a database of the original MCPFier that has rows older than `before`, which it never removed; null for another one. What
 * it writes meanwhile waits.
 */
export function copyOriginal(database: Database, path: string, before: string): Copy | null {
  if (versionOf(database) !== 0) return null;
  const rows = TABLES.reduce((sum, { name }) => sum + olderThan(database, name, before), 0);
  if (rows === 0) return null;
  const copy = `${realpathSync(path)}.original-${new Date().toISOString().replaceAll(/[-:.]/g, "")}`;
  closeSync(openSync(copy, "wx", 0o600));
  try {
    database.prepare("VACUUM INTO ?").run(copy);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  return { path: copy, rows };
}

function olderThan(database: Database, table: string, before: string): number {
  if (columnsOf(database, table).size === 0) return 0;
  return Number(database.prepare(`SELECT COUNT(*) AS count FROM ${table} WHERE timestamp < ?`).get(before)?.["count"]);
}
