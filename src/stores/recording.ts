import { setTimeout as sleep } from "node:timers/promises";
import { type OpenFile, faultOf, writeAll } from "../base/files.ts";
import type { Sink } from "../base/sink.ts";
import { type Kept, NOTHING_KEPT, type RecordFacts, STREAMS, type StreamName, holdsAny } from "./record.ts";
import { createRingFile } from "./ring-file.ts";
import { type StreamWriter, createWriter } from "./writer.ts";

/** The record of a call while it is being made. */
export interface Recording {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /**
   * Ends it; what is left is written behind the call's back. With `wait` it is waited for, though not for longer than a second:
   * a disk that hangs must not hold the call. Null when nothing was printed.
   */
  end(wait: boolean): Promise<RecordTold | null>;
}

/** Where the whole output of a call can be read. */
export interface RecordTold {
  /** The id in `mcpfier://calls/<id>/stdout`. */
  readonly id: string;
  /** The streams of which anything is kept. */
  readonly kept: readonly StreamName[];
  /** Why the record is not whole, such as a full disk; empty when it is. */
  readonly fault: string;
}

/** The same as its store sees it. */
export interface LiveRecord {
  facts(): RecordFacts;
  /** Resolves when all that was printed until now can be read. */
  flush(): Promise<void>;
}

export interface RecordingOptions {
  readonly id: string;
  readonly tool: string;
  /** Bytes of each stream. */
  readonly limit: number;
  /** Makes a file of the record. */
  create(name: string): Promise<OpenFile>;
  /** Told before the first byte is kept. */
  began(record: LiveRecord): void;
  /** Told when it ends, with what resolves when nothing more is written. */
  ending(record: LiveRecord, written: Promise<void>): void;
}

const PATIENCE_MS = 1000;

export function createRecording(options: RecordingOptions): Recording {
  const { id, tool, limit, create } = options;
  const startedAt = Date.now();
  const writers: Partial<Record<StreamName, StreamWriter>> = {};
  let fault = "";
  const record: LiveRecord = {
    facts,
    flush: async () => void (await Promise.all(Object.values(writers).map((writer) => writer.flush()))),
  };

  function sink(name: StreamName): Sink {
    return (chunk) => {
      if (chunk.length === 0) return;
      if (Object.keys(writers).length === 0) options.began(record);
      writers[name] ??= createWriter(createRingFile(() => create(`${id}.${name}`), limit));
      return writers[name].write(chunk);
    };
  }

  async function end(wait: boolean): Promise<RecordTold | null> {
    if (Object.keys(writers).length === 0) return null;
    const written = finish();
    options.ending(record, written);
    if (wait) {
      const timer = new AbortController();
      await Promise.race([written, sleep(PATIENCE_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    return { id, kept: STREAMS.filter(isKept), fault: facts().fault };
  }

  /** What still waits for the disk counts. */
  function isKept(name: StreamName): boolean {
    const writer = writers[name];
    return writer !== undefined && (writer.fault() === "" || holdsAny(writer.kept()));
  }

  async function finish(): Promise<void> {
    await Promise.all(Object.values(writers).map((writer) => writer.close()));
    try {
      const file = await create(`${id}.json`);
      try {
        await writeAll(file, Buffer.from(JSON.stringify(facts())), 0);
      } finally {
        await file.close();
      }
    } catch (error) {
      fault = faultOf(error);
    }
  }

  function facts(): RecordFacts {
    const kept = (name: StreamName): Kept => writers[name]?.kept() ?? NOTHING_KEPT;
    const why = [writers.stdout?.fault(), writers.stderr?.fault(), fault].find(
      (each) => each !== undefined && each !== "",
    );
    return { id, tool, startedAt, stdout: kept("stdout"), stderr: kept("stderr"), fault: why ?? "" };
  }

  return { stdout: sink("stdout"), stderr: sink("stderr"), end };
}
