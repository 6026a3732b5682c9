import { type Logger, pino } from "pino";

/** Levels of `--log-level`, the quietest first. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

let logger: Logger | undefined;
let level: LogLevel = "warn";

/** The log: JSON lines on stderr, never on stdout, which belongs to the protocol or to the command's output. */
export function log(): Logger {
  logger ??= pino({ level, base: null, errorKey: "error" }, pino.destination({ dest: 2, sync: true }));
  return logger;
}

export function setLogLevel(wanted: LogLevel): void {
  level = wanted;
  if (logger) logger.level = wanted;
}
