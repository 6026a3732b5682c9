import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { statOf } from "../../base/stat.ts";
import { timestampOf } from "./event.ts";
import { mend } from "./mend.ts";
import { EVENTS } from "./schema.ts";
import { type Database, type Fault, columnsOf, databaseFault, fileAt, openSqlite } from "./sqlite.ts";
import {
  type Cell,
  type Figures,
  type Group,
  KEYS,
  type Key,
  countOf,
  figuresOf,
  groupsOf,
  percent,
} from "./statistics.ts";

/** What `mcpfier analytics` tells; the first keys are the original MCPFier's. */
export interface Report extends Figures {
  readonly total_commands: number;
  readonly top_commands: readonly Group[];
  readonly errors_last_24h: number;
  /** How many calls ended in each outcome, the most frequent first, then by name. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly trend: Trend;
  readonly by_command?: readonly Group[];
  readonly by_executor?: readonly Group[];
  readonly by_day?: readonly Group[];
}

/** This period against the one of the same length before it. */
export interface Trend {
  readonly previous: {
    readonly total_commands: number;
    readonly success_rate: number;
    readonly avg_duration_ms: number;
  };
  /** In percent of the previous; null where that is 0. */
  readonly total_commands: number | null;
  /** In points. */
  readonly success_rate: number | null;
  /** In percent of the previous; null where that is 0. */
  readonly avg_duration_ms: number | null;
}

export interface Asked {
  readonly path: string;
  readonly days: number;
  /** Null: by executor and by day. */
  readonly by: Key | null;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** What could be read. */
export interface Reading {
  readonly report: Report;
  /** Why it does not hold all; empty: it does. */
  readonly reason: string;
  /** Whether the database could not be read at all. */
  readonly isFault: boolean;
}

const DAY_MS = 86_400_000;
const TOP = 10;
const PATIENCE_MS = 2000;

/** Changes nothing, the original's database is read as it is, unless it is damaged: then it is mended first. */
export function readReport(asked: Asked): Reading {
  const failed = (fault: Fault): Reading => ({
    report: reportOf(NOTHING, asked.by),
    reason: fault.text,
    isFault: true,
  });
  try {
    return read(asked);
  } catch (error) {
    const fault = databaseFault(error);
    if (fault.kind !== "damaged") return failed(fault);
    try {
      const reason = mend(asked.path, fault);
      return { ...read(asked), reason };
    } catch (again) {
      return failed(databaseFault(again));
    }
  }
}

function read(asked: Asked): Reading {
  const nothing = reportOf(NOTHING, asked.by);
  if (!fileAt(asked.path)) return { report: nothing, reason: "no call has been recorded yet", isFault: false };
  const { database, reason } = openToRead(asked.path);
  try {
    const columns = columnsOf(database, EVENTS.name);
    if (columns.size === 0) return { report: nothing, reason: "no call has been recorded in it yet", isFault: false };
    const calls = { database, column: (name: string) => (columns.has(name) ? name : "NULL") };
    return { report: reportOf(countsOf(calls, asked), asked.by), reason, isFault: false };
  } finally {
    database.close();
  }
}

/** Beside a database in a folder that is not ours nothing can be made; it is read as if nobody wrote to it. */
function openToRead(path: string): { readonly database: Database; readonly reason: string } {
  const database = openSqlite(path, { readOnly: true, timeout: PATIENCE_MS });
  try {
    database.prepare("PRAGMA schema_version").get();
    return { database, reason: "" };
  } catch (error) {
    database.close();
    if (databaseFault(error).kind !== "other") throw error;
  }
  const journal = `${realpathSync(path)}-wal`;
  return {
    database: openSqlite(`${pathToFileURL(path).href}?immutable=1`, { readOnly: true }),
    reason: (statOf(journal)?.size ?? 0) > 0 ? `the last calls in ${journal} are not counted: ${UNREADABLE}` : "",
  };
}

const UNREADABLE = "to read them, its folder must be one that may be written to";

/** The table of calls, of which any column but its marks may be missing. */
interface Calls {
  readonly database: Database;
  /** The column of that name in SQL. */
  column(name: string): string;
}

/** What a report is made of. */
interface Counts {
  readonly cells: readonly Cell[];
  readonly previous: Trend["previous"];
  readonly errors: number;
}

const NOTHING: Counts = {
  cells: [],
  previous: { total_commands: 0, success_rate: 0, avg_duration_ms: 0 },
  errors: 0,
};

function countsOf(calls: Calls, { days, now }: Asked): Counts {
  const since = now - days * DAY_MS;
  return {
    cells: cellsOf(calls, { since, until: now }),
    previous: before(calls, { since: since - days * DAY_MS, until: since }),
    errors: errorsSince(calls, { since: now - DAY_MS, until: now }),
  };
}

function reportOf({ cells, previous, errors }: Counts, by: Key | null): Report {
  const figures = figuresOf(cells);
  const commands = groupsOf(cells, "command");
  const lists = (by ? [by] : KEYS.filter((key) => key !== "command")).map((key) => [
    `by_${key}`,
    key === "command" ? commands : groupsOf(cells, key),
  ]);
  return {
    total_commands: countOf(cells),
    ...figures,
    top_commands: commands.slice(0, TOP),
    errors_last_24h: errors,
    outcomes: outcomesOf(cells),
    trend: trendOf({ total_commands: countOf(cells), ...figures }, previous),
    ...Object.fromEntries(lists),
  };
}

interface Period {
  readonly since: number;
  readonly until: number;
}

/** One pass over the calls of a period: durations travel as text, which takes a fraction of the time that rows take. */
function cellsOf({ database, column }: Calls, { since, until }: Period): readonly Cell[] {
  const success = `COALESCE(${column("success")}, 0) <> 0`;
  const outcome = `COALESCE(${column("outcome")}, CASE WHEN ${success} THEN 'completed' ELSE 'failed' END)`;
  // Rows lie in the order of time, so that to begin at the first one and go on beats the index.
  const rows = database
    .prepare(
      `SELECT COALESCE(command_name, '') AS command, COALESCE(${column("execution_mode")}, '') AS executor,
         date(timestamp, 'localtime') AS day, ${outcome} AS outcome, ${success} AS success,
         COUNT(*) AS count, GROUP_CONCAT(CAST(${column("duration_ms")} AS INTEGER)) AS durations
       FROM events NOT INDEXED
       WHERE id >= (SELECT MIN(id) FROM events WHERE timestamp > :since) AND timestamp > :since AND timestamp <= :until
       GROUP BY 1, 2, 3, 4, 5`,
    )
    .all({ since: timestampOf(since), until: timestampOf(until) });
  return rows.map((row) => ({
    command: String(row["command"]),
    executor: String(row["executor"]),
    day: String(row["day"]),
    outcome: String(row["outcome"]),
    success: row["success"] === 1,
    count: Number(row["count"]),
    durations: row["durations"] === null ? [] : String(row["durations"]).split(",").map(Number),
  }));
}

function errorsSince({ database, column }: Calls, { since, until }: Period): number {
  const row = database
    .prepare(
      `SELECT COUNT(*) AS count FROM events
       WHERE timestamp > ? AND timestamp <= ? AND COALESCE(${column("success")}, 0) = 0`,
    )
    .get(timestampOf(since), timestampOf(until));
  return Number(row?.["count"]);
}

function before({ database, column }: Calls, { since, until }: Period): Trend["previous"] {
  const row = database
    .prepare(
      `SELECT COUNT(*) AS count, COALESCE(SUM(COALESCE(${column("success")}, 0) <> 0), 0) AS successes,
         COALESCE(AVG(${column("duration_ms")}), 0) AS average
       FROM events WHERE timestamp > ? AND timestamp <= ?`,
    )
    .get(timestampOf(since), timestampOf(until));
  const count = Number(row?.["count"]);
  return {
    total_commands: count,
    success_rate: percent(Number(row?.["successes"]), count),
    avg_duration_ms: Math.round(Number(row?.["average"])),
  };
}

function trendOf(now: Trend["previous"], previous: Trend["previous"]): Trend {
  const change = (key: keyof Trend["previous"]): number | null =>
    previous[key] === 0 ? null : percent(now[key] - previous[key], previous[key]);
  const isComparable = now.total_commands > 0 && previous.total_commands > 0;
  return {
    previous,
    total_commands: change("total_commands"),
    success_rate: isComparable ? Math.round((now.success_rate - previous.success_rate) * 100) / 100 : null,
    avg_duration_ms: isComparable ? change("avg_duration_ms") : null,
  };
}

function outcomesOf(cells: readonly Cell[]): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(cells, ({ outcome }) => outcome)].map(
    ([outcome, members]) => [outcome, countOf(members)] as const,
  );
  return Object.fromEntries(counts.toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)));
}
