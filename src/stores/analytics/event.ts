/** A row of the database, and in which of its tables. */
export type Event = CallEvent | HttpEvent;

/** The same before it is known which run of a server it belongs to. */
export type NewEvent = Omit<CallEvent, "session_id"> | Omit<HttpEvent, "session_id">;

/** One ended call, as a row of `events`. It holds no argument and nothing that a command printed. */
export interface CallEvent {
  readonly table: "events";
  /** When it ended, in UTC: `YYYY-MM-DD HH:MM:SS.mmm`, which sorts among what SQLite's CURRENT_TIMESTAMP writes. */
  readonly timestamp: string;
  /** Tells the runs of servers apart. */
  readonly session_id: string;
  readonly command_name: string;
  readonly duration_ms: number;
  /** Whether the caller got a result that is no error. */
  readonly success: 0 | 1;
  /** Why not, in our own words; empty when it was one. */
  readonly error_message: string;
  /** Bytes that the command printed. */
  readonly output_size: number;
  /** What runs the command; empty when there is no such command. */
  readonly execution_mode: string;
  readonly call_id: string;
  readonly outcome: string;
  readonly caller: string;
  /** What ran it; null when nothing was started. */
  readonly executor: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** The code of a refusal, or the name of a limit. */
  readonly reason: string | null;
  readonly attempt: number | null;
  /** Whether it is the result of an earlier call. */
  readonly cached: 0 | 1;
}

/** One HTTP request that was answered, as a row of `http_events`. It holds neither what was sent nor what was answered. */
export interface HttpEvent extends Pick<CallEvent, "timestamp" | "session_id" | "duration_ms"> {
  readonly table: "http_events";
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  readonly status_code: number;
  readonly client_ip: string;
  readonly user_agent: string;
  /** How the client proved who it is; `none`: it did not have to, and `auth_success` is null. */
  readonly auth_method: string;
  readonly auth_success: 0 | 1 | null;
  /** Bytes of the answer's body. */
  readonly response_size: number;
  /** The call that was asked for, if one was, how it ended, and whom it was for. */
  readonly call_id: string | null;
  readonly outcome: string | null;
  readonly caller: string | null;
}

/** A time as the database writes it. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace("T", " ");
}
