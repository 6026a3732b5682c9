import { setTimeout as sleep } from "node:timers/promises";
import { createAlarm } from "../../base/alarm.ts";
import { log } from "../../base/log.ts";
import { type Event, timestampOf } from "./event.ts";
import { createHealth } from "./health.ts";
import { createQueue } from "./queue.ts";
import type { Batch, Written } from "./store.ts";

/** Who writes, here or in another thread. */
export interface Writer {
  write(batch: Batch): Promise<Written>;
  /** Resolves after so many milliseconds at the latest, unless it writes in this thread. */
  close(withinMs: number): Promise<void>;
}

/** Calls on their way into the database; nobody waits for them. */
export interface Journal {
  record(event: Event): void;
  /** Resolves when all are written, or cannot be. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly path: string;
  readonly writer: Writer;
  /** Asked at each look for old rows; 0: none is too old. */
  retentionDays(): number;
}

const BATCH = 100;
const WAIT_MS = 250;
/** Calls that are kept in memory while the database fails: some megabytes. */
const MOST = 10_000;
const OLD_MS = { next: 100, look: 3_600_000 } as const;
/** How long a database that hangs may hold an end, of which the last part is the writer's. */
const END_MS = { all: 1500, writer: 500 } as const;
const DAY_MS = 86_400_000;

export function createJournal({ path, writer, retentionDays }: JournalOptions): Journal {
  const queue = createQueue(MOST);
  const health = createHealth(path);
  let writing: Promise<boolean> | undefined;
  let isClosed = false;
  let lookAt = 0;
  const alarm = createAlarm(() => void flush());

  function record(event: Event): void {
    queue.add(event);
    if (!health.isBad()) soon();
  }

  function soon(): void {
    if (queue.waiting() > 0) within(queue.waiting() >= BATCH ? 0 : WAIT_MS);
  }

  function within(ms: number): void {
    if (!isClosed) alarm.within(ms);
  }

  /** One batch after the other; whether it could be written. */
  function flush(): Promise<boolean> {
    writing ??= write().finally(() => (writing = undefined));
    return writing;
  }

  async function write(): Promise<boolean> {
    const isDue = performance.now() >= lookAt && retentionDays() > 0;
    const before = isDue ? timestampOf(Date.now() - retentionDays() * DAY_MS) : null;
    const { fault, notices, hasOld } = await writer.write({ events: queue.take(BATCH), before });
    for (const notice of notices) log.warn({ database: path }, `the analytics database: ${notice}`);
    if (fault) {
      queue.failed();
      within(health.bad(fault));
      return false;
    }
    health.good(queue.written());
    if (isDue) lookAt = performance.now() + (hasOld ? OLD_MS.next : OLD_MS.look);
    if (retentionDays() > 0) within(Math.max(0, lookAt - performance.now()));
    soon();
    return true;
  }

  async function drain(): Promise<void> {
    await writing;
    while (queue.waiting() > 0 && (await flush()));
  }

  async function close(): Promise<void> {
    isClosed = true;
    alarm.stop();
    const end = performance.now() + END_MS.all;
    await Promise.race([drain(), sleep(END_MS.all - END_MS.writer, undefined, { ref: false })]);
    const calls = queue.unwritten();
    const reason = health.reason() || "it did not answer in time";
    if (calls > 0) log.warn({ database: path, calls, reason }, "calls were not recorded in the analytics database");
    await writer.close(Math.max(0, end - performance.now()));
  }

  return { record, close };
}
