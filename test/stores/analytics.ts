// Databases of analytics, as tests make and read them.
import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { type CallEvent, timestampOf } from "../../src/stores/analytics/event.ts";
import { createStore } from "../../src/stores/analytics/store.ts";

/** A call that is to be in a database. */
export interface Row {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  readonly command: string;
  readonly ms: number;
  readonly mode?: string;
  readonly outcome?: string;
}

export function eventOf({ at, command, ms, mode = "local", outcome = "completed" }: Row): CallEvent {
  return {
    table: "events",
    timestamp: timestampOf(at),
    session_id: "test",
    command_name: command,
    duration_ms: ms,
    success: outcome === "completed" ? 1 : 0,
    error_message: outcome === "completed" ? "" : outcome,
    output_size: 0,
    execution_mode: mode,
    call_id: randomUUID(),
    outcome,
    caller: "local",
    executor: mode === "" ? null : mode,
    exit_code: null,
    signal: null,
    reason: null,
    attempt: 1,
    cached: 0,
  };
}

/** Makes a database that holds these calls. */
export function databaseWith(path: string, rows: readonly Row[]): void {
  const store = createStore(path);
  const { fault } = store.write({ events: rows.map(eventOf), before: null });
  store.close();
  if (fault) throw new Error(fault.text);
}

/** What a query gives. */
export function query(path: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    return structuredClone(database.prepare(sql).all());
  } finally {
    database.close();
  }
}

/** The tables as the original MCPFier made them, with an event of each of its execution modes. */
export function originalDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
      session_id TEXT, command_name TEXT, duration_ms INTEGER, success BOOLEAN, error_message TEXT,
      output_size INTEGER, execution_mode TEXT);
    CREATE TABLE http_events (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
      session_id TEXT, method TEXT, path TEXT, status_code INTEGER, duration_ms INTEGER, client_ip TEXT,
      user_agent TEXT, auth_method TEXT, auth_success BOOLEAN, response_size INTEGER);
    CREATE INDEX idx_events_timestamp ON events(timestamp);
    CREATE INDEX idx_events_command ON events(command_name);
    CREATE INDEX idx_http_events_timestamp ON http_events(timestamp);
    INSERT INTO events (session_id, command_name, duration_ms, success, error_message, output_size, execution_mode)
      VALUES ('s1', 'get-weather', 120, 1, '', 30, 'local'), ('s1', 'analyse', 900, 0, 'exit status 1', 0, 'container'),
             ('s2', 'notify', 45, 1, '', 12, 'webhook');
    INSERT INTO http_events (session_id, method, path, status_code, duration_ms, client_ip, user_agent, auth_method, auth_success, response_size)
      VALUES ('s2', 'POST', '/', 200, 50, '192.0.2.1', 'test', 'api_key', 1, 99);
  `);
  database.close();
}
