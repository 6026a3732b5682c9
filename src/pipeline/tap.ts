import { createRedactor } from "../base/secret.ts";
import type { Sink } from "../base/sink.ts";
import type { StreamName } from "../stores/record.ts";
import type { RecordTold } from "../stores/recording.ts";
import { type Call, secretsOf } from "./call.ts";
import { type Capture, EMPTY, createRecorder } from "./capture.ts";

/** What becomes of the output of a call. */
export interface Taps {
  readonly stdout: Tap;
  readonly stderr: Tap;
  /** From now on no output shows it. */
  learn(secret: string): void;
  /** Ends the record of the call, and takes what is kept from the disk; null: nothing was recorded. */
  endRecord(): Promise<RecordTold | null>;
}

/** What becomes of one output stream while the program runs. */
export interface Tap {
  readonly sink: Sink;
  /** What was kept so far. */
  capture(): Capture;
  learn(secret: string): void;
  end(): void | Promise<void>;
  /** Takes what is on the disk back into memory. */
  close(): void;
}

export function createTaps(call: Call): Taps {
  const { command, context, watch, records, attempt } = call;
  const { maxBytes: most } = command.output;
  const recording = records?.begin({ id: context.callId, tool: command.name, limit: command.limits.output, attempt });
  let longest = 0;

  function tap(stream: StreamName): Tap {
    const record = recording?.[stream] ?? ignore;
    let bytes = 0;
    const keep: Sink = (chunk) => {
      bytes += chunk.length;
      longest = Math.max(longest, bytes);
      return record(chunk);
    };
    return openedLater(() => createTap({ secrets: secretsOf(call), most, record: keep, watch: watch[stream] }));
  }

  async function endRecord(): Promise<RecordTold | null> {
    // How the record went must be known where the model may see less than all: each of two streams has half of the room at
    // least, and a byte that is no text takes three.
    const told = (await recording?.end(longest * 6 > most)) ?? null;
    stdout.close();
    stderr.close();
    return told;
  }

  const stdout = tap("stdout");
  const stderr = tap("stderr");
  return {
    stdout,
    stderr,
    learn: (secret) => {
      stdout.learn(secret);
      stderr.learn(secret);
    },
    endRecord,
  };
}

/** Of most calls one stream stays empty, and then it needs nothing; what was learnt before it begins is known to the call. */
function openedLater(open: () => Tap): Tap {
  let tap: Tap | undefined;
  return {
    sink: (chunk) => (tap ??= open()).sink(chunk),
    capture: () => tap?.capture() ?? EMPTY,
    learn: (secret) => tap?.learn(secret),
    end: () => tap?.end(),
    close: () => tap?.close(),
  };
}

interface TapOptions {
  readonly secrets: readonly string[];
  /** Bytes that are kept of the beginning and of the end. */
  readonly most: number;
  /** Takes all of it, and never fails. */
  readonly record: Sink;
  readonly watch: Sink;
}

/** Secrets leave the stream before anything else sees it. A watcher that fails is not asked again; the call goes on. */
function createTap({ secrets, most, record, watch }: TapOptions): Tap {
  const redactor = createRedactor(secrets);
  const recorder = createRecorder(most);
  let isWatched = true;
  const giveUp = (): void => void (isWatched = false);

  function pass(clean: Buffer): void | Promise<void> {
    if (clean.length === 0) return;
    const pressure = [recorder.write(clean), record(clean), tell(clean)].filter((each) => each !== undefined);
    return pressure.length === 0 ? undefined : Promise.all(pressure).then(() => undefined);
  }

  function tell(clean: Buffer): void | Promise<void> {
    if (!isWatched) return;
    try {
      return watch(clean)?.catch(giveUp);
    } catch {
      giveUp();
    }
  }
  const { learn } = redactor;
  const { capture, close } = recorder;
  return { sink: (chunk) => pass(redactor.write(chunk)), capture, learn, end: () => pass(redactor.end()), close };
}

function ignore(): void {
  // Nothing is recorded.
}
