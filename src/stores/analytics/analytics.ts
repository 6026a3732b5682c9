import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Host } from "../../base/host.ts";
import { lazy } from "../../base/lazy.ts";
import { log } from "../../base/log.ts";
import type { NewEvent } from "./event.ts";
import type { Journal } from "./journal.ts";

/** What the catalogue says of it. */
export interface AnalyticsSettings {
  readonly enabled: boolean;
  /** Null: where it is when nothing is said. */
  readonly databasePath: string | null;
  /** 0: for ever. */
  readonly retentionDays: number;
}

/** Records ended calls and answered requests in a database. Nothing of it is loaded before the first of them. */
export interface Analytics {
  record(event: NewEvent): void;
  /** Resolves when all are written, or cannot be. */
  close(): Promise<void>;
}

export interface AnalyticsOptions {
  readonly host: Host;
  /** In a thread of its own, for a server; else in this one. */
  readonly apart: boolean;
  /** Asked at each call. */
  settings(): AnalyticsSettings;
}

/** Where the database is. */
export function databaseOf({ databasePath }: AnalyticsSettings, { env, home }: Host): string {
  return databasePath ?? join(env["XDG_DATA_HOME"] || join(home, ".local", "share"), "mcpfier", "analytics.db");
}

export function createAnalytics({ host, apart, settings }: AnalyticsOptions): Analytics {
  let session_id: string | undefined;
  const load = lazy(() => Promise.all([import("./journal.ts"), import("./writer.ts")]));
  const closing = new Set<Promise<void>>();
  let isClosed = false;
  let current: { readonly path: string; readonly journal: Promise<Journal | null> } | undefined;

  function record(event: NewEvent): void {
    if (isClosed || !settings().enabled) return;
    const path = databaseOf(settings(), host);
    if (current?.path !== path) {
      leave();
      current = { path, journal: open(path) };
    }
    const session = (session_id ??= randomUUID());
    void current.journal.then((journal) => journal?.record({ ...event, session_id: session }));
  }

  async function open(path: string): Promise<Journal | null> {
    try {
      const [{ createJournal }, { writerHere, writerThere }] = await load();
      const writer = apart ? writerThere(path) : writerHere(path);
      return createJournal({ path, writer, retentionDays: () => settings().retentionDays });
    } catch (error) {
      log.warn({ error }, "calls cannot be recorded: the program's own files changed under it");
      return null;
    }
  }

  /** The catalogue names another database now. */
  function leave(): void {
    const left = current?.journal.then((journal) => journal?.close());
    current = undefined;
    if (left) closing.add(left.finally(() => closing.delete(left)));
  }

  async function close(): Promise<void> {
    isClosed = true;
    leave();
    await Promise.all(closing);
  }

  return { record, close };
}
