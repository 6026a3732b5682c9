import { join } from "node:path";
import { type Files, diskFiles } from "../base/files.ts";
import type { Host } from "../base/host.ts";
import { isDead, ownerId } from "../base/owner.ts";
import { createOwnFolder } from "./own-folder.ts";
import { type KnownRecord, type Reader, createReader } from "./reader.ts";
import type { RecordFacts } from "./record.ts";
import { type LiveRecord, type Recording, createRecording } from "./recording.ts";
import { type Bounds, sweep } from "./sweep.ts";
import { createSweeper } from "./sweeper.ts";

/**
 * What calls printed, on disk: `<folder>/<owner>/<call>.stdout`, `.stderr`, and `.json`, which is written last. A record is
 * removed when it is too old, or the oldest when there is too much of all, never while it is in use.
 */
export interface Records extends Pick<Reader, "read" | "grep"> {
  /** A record for a call. One that is begun again, as for another attempt, takes the place of the first. */
  begin(call: CallTold): Recording;
  /** The latest of this process, the newest first. */
  newest(): readonly RecordFacts[];
  /** Removes what is too old or too much; this also happens by itself. */
  sweep(): Promise<void>;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

export interface CallTold {
  readonly id: string;
  readonly tool: string;
  /** Bytes that are kept of each stream. */
  readonly limit: number;
}

export interface RecordsOptions {
  readonly folder: string;
  /** Asked at each sweep. */
  bounds(): Bounds;
  readonly files?: Files;
}

/** Where the records of a user are, of all servers. */
export function recordsFolder({ env, home }: Host): string {
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "mcpfier", "records");
}

/** Records of this process that are listed, and known without a look at the disk. */
const NEWEST = 100;
/** Ended calls whose output is still in memory, if the disk is slow. */
const MOST_FINISHING = 64;

export function createRecords({ folder, bounds, files = diskFiles }: RecordsOptions): Records {
  const own = createOwnFolder(files, folder, ownerId());
  const live = new Map<string, LiveRecord>();
  const finishing = new Map<string, Promise<void>>();
  const recent = new Map<string, RecordFacts>();
  const reader = createReader({ files, folder, known });
  const isUsed = (id: string): boolean => live.has(id) || reader.isReading(id);
  const removed = (id: string): void => void recent.delete(id);
  const sweeper = createSweeper((isEnough) =>
    sweep({ files, folder, bounds: bounds(), own: ownerId(), isDead, isUsed, removed, isEnough }),
  );

  function begin({ id, tool, limit }: CallTold): Recording {
    const before = finishing.get(id) ?? Promise.resolve();
    const recording = createRecording({
      id,
      tool,
      limit,
      create: (name) => before.then(() => own.create(name)),
      began: (record) => void live.set(id, record),
      ending: (record, written) => {
        const done = settle(record, written).finally(() => {
          if (finishing.get(id) === done) finishing.delete(id);
        });
        finishing.set(id, done);
      },
    });
    return { ...recording, end: (wait) => recording.end(wait || finishing.size >= MOST_FINISHING) };
  }

  async function settle(record: LiveRecord, written: Promise<void>): Promise<void> {
    await written;
    const facts = record.facts();
    if (live.get(facts.id) === record) live.delete(facts.id);
    recent.delete(facts.id);
    recent.set(facts.id, facts);
    const [oldest = ""] = recent.keys();
    if (recent.size > NEWEST) recent.delete(oldest);
    sweeper.soon();
  }

  function known(id: string): KnownRecord | undefined {
    const pathOf: KnownRecord["pathOf"] = (stream) => own.pathOf(`${id}.${stream}`);
    const record = live.get(id);
    if (record) return { ...record, pathOf };
    const facts = recent.get(id);
    return facts && { pathOf, facts: () => facts, flush: () => Promise.resolve() };
  }

  function newest(): readonly RecordFacts[] {
    const all = new Map(recent);
    for (const [id, record] of live) all.set(id, record.facts());
    return [...all.values()].toReversed().slice(0, NEWEST);
  }

  async function close(): Promise<void> {
    await Promise.all([...finishing.values(), sweeper.close()]);
    await own.close();
  }

  const { read, grep } = reader;
  return { begin, newest, read, grep, sweep: () => sweeper.now(), close };
}
