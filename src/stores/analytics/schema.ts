/** The version of the tables, in `PRAGMA user_version`; the original MCPFier left that at 0. */
export const VERSION = 1;

type Columns = readonly (readonly [name: string, type: string])[];

interface Table {
  readonly name: string;
  /** Those of the original MCPFier, which has none of the others. */
  readonly first: Columns;
  readonly added: Columns;
  /** By which it is told from another program's table of the same name. */
  readonly marks: readonly string[];
  readonly indexed: readonly string[];
}

const EVERY: Columns = [
  ["id", "INTEGER PRIMARY KEY AUTOINCREMENT"],
  ["timestamp", "DATETIME DEFAULT CURRENT_TIMESTAMP"],
  ["session_id", "TEXT"],
];

export const EVENTS: Table = {
  name: "events",
  first: [
    ...EVERY,
    ["command_name", "TEXT"],
    ["duration_ms", "INTEGER"],
    ["success", "BOOLEAN"],
    ["error_message", "TEXT"],
    ["output_size", "INTEGER"],
    ["execution_mode", "TEXT"],
  ],
  added: [
    ["call_id", "TEXT"],
    ["outcome", "TEXT"],
    ["caller", "TEXT"],
    ["executor", "TEXT"],
    ["exit_code", "INTEGER"],
    ["signal", "TEXT"],
    ["reason", "TEXT"],
    ["attempt", "INTEGER"],
    ["cached", "BOOLEAN"],
  ],
  marks: ["id", "timestamp", "command_name"],
  indexed: ["timestamp"],
};

/** Requests of the HTTP door; those of the original are kept, and get old like the events. */
const HTTP_EVENTS: Table = {
  name: "http_events",
  first: [
    ...EVERY,
    ["method", "TEXT"],
    ["path", "TEXT"],
    ["status_code", "INTEGER"],
    ["duration_ms", "INTEGER"],
    ["client_ip", "TEXT"],
    ["user_agent", "TEXT"],
    ["auth_method", "TEXT"],
    ["auth_success", "BOOLEAN"],
    ["response_size", "INTEGER"],
  ],
  added: [
    ["call_id", "TEXT"],
    ["outcome", "TEXT"],
    ["caller", "TEXT"],
  ],
  marks: ["id", "timestamp", "status_code"],
  indexed: ["timestamp"],
};

export const TABLES: readonly Table[] = [EVENTS, HTTP_EVENTS];
