import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { StatementSync } from "node:sqlite";
import { statOf } from "../../base/stat.ts";
import { checkOurs, moveAside } from "./aside.ts";
import { claim } from "./claim.ts";
import type { Event } from "./event.ts";
import { type Copy, copyOriginal, isProved } from "./retention.ts";
import { TABLES } from "./schema.ts";
import { type Database, type Fault, databaseFault, fileAt, openSqlite } from "./sqlite.ts";
import { upgrade } from "./upgrade.ts";

/** One step of writing. */
export interface Batch {
  readonly events: readonly Event[];
  /** Some rows that are older than this timestamp are removed; null: none. */
  readonly before: string | null;
}

export interface Written {
  /** Null: all of it was written; else none of it was. */
  readonly fault: Fault | null;
  /** What is to be said, as sentences without full stops. */
  readonly notices: readonly string[];
  /** Whether there are more old rows. */
  readonly hasOld: boolean;
}

/** The database as its writers see it, opened when it is first needed and again when it was lost. Never throws. */
export interface Store {
  write(batch: Batch): Written;
  close(): void;
}

/** How long another process's lock is waited for: twice takes less than a shutdown has. */
const PATIENCE_MS = 500;
/** Old rows that are removed in one transaction: other writers wait for no longer than it takes. */
const STEP = 200;

interface Opened {
  readonly database: Database;
  readonly inode: number;
  insert(event: Event): void;
}

export function createStore(path: string): Store {
  let opened: Opened | undefined;
  /** What was tried last: somebody else may have put another one in its place since. */
  let tried: number | undefined;

  function write(batch: Batch): Written {
    const notices: string[] = [];
    if (opened && statOf(path)?.ino !== opened.inode) {
      notices.push("it was removed or replaced; what is there now, or a new one, is used");
      close();
    }
    try {
      return { fault: null, notices, hasOld: attempt(batch, notices) };
    } catch (error) {
      const fault = databaseFault(error);
      if (fault.kind !== "busy") close();
      return fault.kind === "damaged" ? afresh(batch, notices, fault) : { fault, notices, hasOld: false };
    }
  }

  function attempt({ events, before }: Batch, notices: string[]): boolean {
    tried = opened?.inode ?? statOf(path)?.ino;
    opened ??= open(path, before, (notice) => notices.push(notice));
    const { database, insert } = opened;
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const event of events) insert(event);
      const hasOld = before !== null && prune(database, before);
      database.exec("COMMIT");
      return hasOld;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  function afresh(batch: Batch, notices: string[], fault: Fault): Written {
    try {
      const isThere = statOf(path)?.ino === tried;
      if (isThere) {
        checkOurs(path, fault);
        notices.push(`it was damaged, so it was moved to ${moveAside(path)}, and a new one is begun`);
      }
      return { fault: null, notices, hasOld: attempt(batch, notices) };
    } catch (error) {
      close();
      return { fault: databaseFault(error), notices, hasOld: false };
    }
  }

  function close(): void {
    try {
      opened?.database.close();
    } catch {
      // What it could not write it keeps in its journal, for the next one that opens it.
    }
    opened = undefined;
  }

  return { write, close };
}

function open(path: string, before: string | null, notify: (notice: string) => void): Opened {
  makeFolder(dirname(path));
  const there = fileAt(path);
  // For us alone; SQLite gives what it makes beside it the same mode. One that is there is left to SQLite: closing it would drop
  // all locks that this process has on it.
  if (!there) closeSync(openSync(path, "a", 0o600));
  const database = openSqlite(path, { timeout: PATIENCE_MS });
  let copy: Copy | null = null;
  try {
    claim(database);
    copy = before === null ? null : copyOriginal(database, path, before);
    // Nothing waits for the disk but every thousandth page; a crash of the machine costs the last calls, never the database.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    upgrade(database);
    if (copy)
      notify(
        `${copy.rows} calls and requests are older than \`retention_days\`, which the original MCPFier did not carry out, and are removed now; as it was, the database is in ${copy.path}`,
      );
    return { database, inode: statOf(path)?.ino ?? 0, insert: insertInto(database) };
  } catch (error) {
    database.close();
    if (copy) rmSync(copy.path, { force: true });
    throw error;
  }
}

/** Node's own way to make what is missing never ends where the system denies a folder by ENOENT, as below /proc. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

function insertInto(database: Database): (event: Event) => void {
  const statements = new Map(TABLES.map((table) => [table.name, insertStatement(database, table)]));
  return ({ table, ...row }) => void statements.get(table)?.run({ ...row });
}

function insertStatement(database: Database, { name: table, first, added }: (typeof TABLES)[number]): StatementSync {
  const names = [...first, ...added].map(([name]) => name).filter((name) => name !== "id");
  return database.prepare(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map((name) => `:${name}`).join(", ")})`,
  );
}

function prune(database: Database, before: string): boolean {
  if (!isProved(database, before)) return false;
  const removed = TABLES.map(({ name }) =>
    database
      .prepare(`DELETE FROM ${name} WHERE id IN (SELECT id FROM ${name} WHERE timestamp < ? LIMIT ${STEP})`)
      .run(before),
  );
  return removed.some(({ changes }) => Number(changes) === STEP);
}
