import { join } from "node:path";
import { type Files, diskFiles } from "../base/files.ts";
import type { Host } from "../base/host.ts";
import { ownerId } from "../base/owner.ts";
import { stateFolder } from "../base/state-folder.ts";
import { measuredFile } from "./measured-file.ts";
import { createFinishing } from "./finishing.ts";
import { createLatest } from "./latest.ts";
import { createOwnFolder } from "./own-folder.ts";
import { type KnownRecord, type Reader, createReader } from "./reader.ts";
import { type RecordFacts, STREAMS } from "./record.ts";
import { type LiveRecord, type Recording, createRecording } from "./recording.ts";
import { type Bounds, sweep } from "./sweep.ts";
import { PACE, type Pace, createSweeper } from "./sweeper.ts";

/**
 * What calls printed, on disk: `<folder>/<owner>/<call>.stdout`, `.stderr`, and `.json`, which is written last. A record is
 * removed when it is too old, or the oldest when there is too much of all, never while it is in use.
 */
export interface Records extends Pick<Reader, "read" | "grep"> {
  /** A record for a call. That of another attempt takes the place of the one before, also when nothing is printed. */
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
  /** Counted from 1, which it is when nothing is said. */
  readonly attempt?: number;
}

export interface RecordsOptions {
  readonly folder: string;
  /** Asked at each sweep. */
  bounds(): Bounds;
  readonly files?: Files;
  readonly pace?: Partial<Pace>;
}

/** Where the records of a user are, of all servers. */
export function recordsFolder(host: Host): string {
  return join(stateFolder(host), "records");
}

/** Ended calls whose output is still in memory, if the disk is slow. */
const MOST_FINISHING = 64;

export function createRecords({ folder, bounds, files = diskFiles, pace }: RecordsOptions): Records {
  const own = createOwnFolder(files, folder, ownerId());
  const latest = createLatest();
  const finishing = createFinishing();
  const reader = createReader({ files, folder, known, settled: finishing.of });
  const isUsed = (id: string): boolean => latest.isLive(id) || reader.isReading(id);
  const sweeper = createSweeper({
    sweep: (how) => sweep({ files, folder, bounds: bounds(), isUsed, removed: latest.removed, ...how }),
    bounds,
    pace: { ...PACE, ...pace },
  });

  function begin({ id, tool, limit, attempt = 1 }: CallTold): Recording {
    const before = attempt === 1 ? Promise.resolve() : forget(id);
    const recording = createRecording({
      id,
      tool,
      limit,
      create: (name) => before.then(() => measuredFile(() => own.create(name), sweeper)),
      began: latest.began,
      ending: (record, written) => finishing.add(id, settle(record, written)),
    });
    return { ...recording, end: (wait) => recording.end(wait || finishing.count() >= MOST_FINISHING) };
  }

  /** Removes what an earlier attempt left, the facts first: without them it is no record. */
  function forget(id: string): Promise<void> {
    const before = finishing.of(id);
    latest.forget(id);
    const gone = (async () => {
      await before;
      await own.remove(["json", ...STREAMS].map((kind) => `${id}.${kind}`));
    })();
    finishing.add(id, gone);
    return gone;
  }

  async function settle(record: LiveRecord, written: Promise<void>): Promise<void> {
    await written;
    latest.ended(record);
    sweeper.ended();
  }

  function known(id: string): KnownRecord | undefined {
    const record = latest.find(id);
    return record && { ...record, pathOf: (stream) => own.pathOf(`${id}.${stream}`) };
  }

  async function close(): Promise<void> {
    await finishing.all();
    await sweeper.close();
    await own.close();
  }

  const { read, grep } = reader;
  return { begin, newest: latest.list, read, grep, sweep: () => sweeper.now(), close };
}
