/** One ended call, as a row of `events`. It holds no argument and nothing that a command printed. */
export interface CallEvent {
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

/** A time as the database writes it. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace("T", " ");
}
