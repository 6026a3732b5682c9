import type { Logger } from "pino";
import type { LogFile } from "./log-file.ts";
import { redact } from "./secret.ts";

/** Levels of `--log-level`, the quietest first. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Entry = (fields: Readonly<Record<string, unknown>>, message: string) => void;

let level: LogLevel = "warn";
let file: Pick<LogFile, "write"> | undefined;
let secrets: () => readonly string[] = () => [];
let logger: Promise<Logger> | undefined;

/**
 * The log: JSON lines on stderr or in a file, never on stdout, which belongs to the protocol or to the command's output. What is
 * told in the course of a call has its `callId`.
 */
export const log: Readonly<Record<Exclude<LogLevel, "silent">, Entry>> = {
  error: entry("error"),
  warn: entry("warn"),
  info: entry("info"),
  debug: entry("debug"),
};

export function setLogLevel(wanted: LogLevel): void {
  level = wanted;
}

/** To be called before the first line is written. */
export function setLogFile(wanted: Pick<LogFile, "write">): void {
  file = wanted;
}

/** Asked at each line for what it may not show. */
export function hideInLog(asked: () => readonly string[]): void {
  secrets = asked;
}

/** The library is loaded when the first line is written: most servers never write one. */
function entry(own: Exclude<LogLevel, "silent">): Entry {
  return (fields, message) => {
    if (LOG_LEVELS.indexOf(own) > LOG_LEVELS.indexOf(level)) return;
    logger ??= open();
    logger.then(
      (opened) => opened[own](fields, message),
      () => {
        // The system has nothing left to load it with (EMFILE): the next line tries again.
        logger = undefined;
      },
    );
  };
}

async function open(): Promise<Logger> {
  const { default: pino } = await import("pino");
  const options = { level: "debug", base: null, errorKey: "error", hooks: { streamWrite: withoutSecrets } } as const;
  return pino(options, file ?? pino.destination({ dest: 2, sync: true }));
}

/** Text by text: a secret of digits could stand in the time, which must stay a number. */
function withoutSecrets(line: string): string {
  const hidden = secrets();
  if (hidden.length === 0) return line;
  const clean = (_: string, value: unknown): unknown => (typeof value === "string" ? redact(value, hidden) : value);
  return `${JSON.stringify(JSON.parse(line), clean)}\n`;
}
