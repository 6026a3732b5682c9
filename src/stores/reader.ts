import type { Files } from "../base/files.ts";
import { findRecord, missingRecord, unreadableRecord } from "./find.ts";
import { type Found, type GrepRequest, grep } from "./grep.ts";
import type { RecordFacts, StreamName } from "./record.ts";
import { type Slice, type SliceRequest, type Source, readSlice } from "./slice.ts";
import { IS_ID } from "./sweep.ts";

export interface Reader {
  /** What is kept from an offset on. Throws a `Refusal` when there is no record, or it cannot be read. */
  read(id: string, stream: StreamName, request: SliceRequest): Promise<Slice>;
  /** The lines that match; throws like `read`. */
  grep(id: string, stream: StreamName, request: GrepRequest): Promise<Found>;
  /** Whether a record is being read. */
  isReading(id: string): boolean;
}

/** A record that is known without a look at the disk. */
export interface KnownRecord {
  pathOf(stream: StreamName): string;
  facts(): RecordFacts;
  flush(): Promise<void>;
}

export interface ReaderOptions {
  readonly files: Files;
  readonly folder: string;
  known(id: string): KnownRecord | undefined;
  /** What is still being done on the disk for a record. */
  settled(id: string): Promise<void> | undefined;
}

export function createReader({ files, folder, known, settled }: ReaderOptions): Reader {
  const readers = new Map<string, number>();

  async function reading<T>(id: string, stream: StreamName, read: (source: Source) => Promise<T>): Promise<T> {
    readers.set(id, (readers.get(id) ?? 0) + 1);
    try {
      return await read(await sourceOf(id, stream));
    } catch (error) {
      throw unreadableRecord(id, error);
    } finally {
      const left = (readers.get(id) ?? 1) - 1;
      if (left === 0) readers.delete(id);
      else readers.set(id, left);
    }
  }

  async function sourceOf(id: string, stream: StreamName): Promise<Source> {
    if (!IS_ID.test(id)) throw missingRecord(id);
    const record = known(id);
    if (record) return { path: record.pathOf(stream), kept: () => record.facts()[stream], flush: () => record.flush() };
    await settled(id);
    const { path, facts } = await findRecord(files, folder, id, stream);
    return { path, kept: () => facts[stream], flush: () => Promise.resolve() };
  }

  return {
    read: (id, stream, request) => reading(id, stream, (source) => readSlice(files, source, request)),
    grep: (id, stream, request) => reading(id, stream, (source) => grep(files, source, request)),
    isReading: (id) => readers.has(id),
  };
}
