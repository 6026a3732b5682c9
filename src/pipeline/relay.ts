import type { Sink } from "../base/sink.ts";
import { plainText } from "../base/text.ts";
import { type Capture, EMPTY } from "./capture.ts";
import type { Cleaner } from "./cleaner.ts";

/** What a call tells of itself while it runs. */
export interface Watch {
  /** Output as it comes, secrets redacted. */
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** What it does now, in words that "for 10 s" can follow, such as "waiting for a free slot". */
  doing(what: string): void;
  /** What makes the output that comes readable. */
  reading(clean: Cleaner): void;
  /** What was printed so far is that of an attempt that failed; another one follows. */
  again(): void;
  /** The program runs; `printed` gives its output so far. */
  started(printed: () => Printed): void;
}

/** Follows a call while it runs. */
export interface Watcher {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Told at first and at each change; `since` is a time of `performance.now()`. */
  doing(what: string, since: number): void;
  /** Told at first and at each change: what makes the output that comes readable. */
  reading(clean: Cleaner): void;
  /** Told when what came so far is that of an attempt that failed, and another one follows. */
  again(): void;
}

export interface Printed {
  readonly stdout: Capture;
  readonly stderr: Capture;
}

/** Stands between a call and those who follow it, who come and go while it runs. */
export interface Relay {
  readonly watch: Watch;
  /** The answer detaches the watcher. */
  attach(watcher: Watcher): () => void;
  doing(): string;
  printed(): Printed;
  /** Makes what was printed readable. */
  readonly clean: Cleaner;
  /** The call has ended with this output; what held it while it ran is let go. */
  end(output: Printed): void;
}

export function createRelay(): Relay {
  const watchers = new Set<Watcher>();
  let now = { what: "waiting to start", since: performance.now() };
  let printed = nothing;
  let clean: Cleaner = plainText;

  function doing(what: string): void {
    now = { what, since: performance.now() };
    for (const watcher of watchers) watcher.doing(now.what, now.since);
  }

  function reading(cleaner: Cleaner): void {
    clean = cleaner;
    for (const watcher of watchers) watcher.reading(clean);
  }

  function again(): void {
    for (const watcher of watchers) watcher.again();
  }

  function started(read: () => Printed): void {
    printed = read;
    doing("running");
  }

  function sinkOf(name: "stdout" | "stderr"): Sink {
    return (chunk) => {
      const pressure = [...watchers].map((watcher) => watcher[name](chunk)).filter((each) => each !== undefined);
      return pressure.length === 0 ? undefined : Promise.all(pressure).then(() => undefined);
    };
  }

  function attach(watcher: Watcher): () => void {
    watchers.add(watcher);
    watcher.doing(now.what, now.since);
    watcher.reading(clean);
    return () => void watchers.delete(watcher);
  }

  return {
    watch: { stdout: sinkOf("stdout"), stderr: sinkOf("stderr"), doing, reading, again, started },
    attach,
    doing: () => now.what,
    printed: () => printed(),
    clean: (text) => clean(text),
    end: (output) => void (printed = () => output),
  };
}

function nothing(): Printed {
  return { stdout: EMPTY, stderr: EMPTY };
}
