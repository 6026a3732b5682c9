import type { Logger } from "pino";

/** Levels of `--log-level`, the quietest first. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Entry = (fields: Readonly<Record<string, unknown>>, message: string) => void;

let level: LogLevel = "warn";
let logger: Promise<Logger> | undefined;

/** The log: JSON lines on stderr, never on stdout, which belongs to the protocol or to the command's output. */
export const log: Readonly<Record<Exclude<LogLevel, "silent">, Entry>> = {
  error: entry("error"),
  warn: entry("warn"),
  info: entry("info"),
  debug: entry("debug"),
};

export function setLogLevel(wanted: LogLevel): void {
  level = wanted;
}

/** The library is loaded when the first line is written: most servers never write one. */
function entry(own: Exclude<LogLevel, "silent">): Entry {
  return (fields, message) => {
    if (LOG_LEVELS.indexOf(own) > LOG_LEVELS.indexOf(level)) return;
    logger ??= import("pino").then(({ default: pino }) =>
      pino({ level: "debug", base: null, errorKey: "error" }, pino.destination({ dest: 2, sync: true })),
    );
    void logger.then((opened) => opened[own](fields, message));
  };
}
