import { createRedactor } from "../base/secret.ts";
import type { Sink } from "../executors/executor.ts";
import { type Recorder, createRecorder } from "./capture.ts";

/** What becomes of one output stream while the program runs. */
export interface Tap {
  readonly recorder: Recorder;
  readonly sink: Sink;
  end(): void | Promise<void>;
}

/** Secrets leave the stream before anything else sees it. A watcher that fails is not asked again; the call goes on. */
export function createTap(secrets: readonly string[], most: number, watch: Sink): Tap {
  const redactor = createRedactor(secrets);
  const recorder = createRecorder(most);
  let isWatched = true;
  const giveUp = (): void => void (isWatched = false);

  function pass(clean: Buffer): void | Promise<void> {
    if (clean.length === 0) return;
    recorder.write(clean);
    if (!isWatched) return;
    try {
      return watch(clean)?.catch(giveUp);
    } catch {
      giveUp();
    }
  }
  return { recorder, sink: (chunk) => pass(redactor.write(chunk)), end: () => pass(redactor.end()) };
}
