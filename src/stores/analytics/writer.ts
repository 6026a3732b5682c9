// oxlint-disable unicorn/require-post-message-target-origin -- of windows, which threads are none
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Writer } from "./journal.ts";
import { type Batch, type Written, createStore } from "./store.ts";

/** It holds a batch at a time: a small heap keeps the server small, and with that the time that it takes to start a program. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 } as const;

/** Writes in this thread, which stands still meanwhile: for a process that has nothing else to do. */
export function writerHere(path: string): Writer {
  const store = createStore(path);
  return { write: async (batch) => store.write(batch), close: async () => store.close() };
}

/**
 * Writes in a thread of its own, so that a lock or a slow disk keeps nobody waiting: a checkpoint was seen to take a third of a
 * second on a busy machine.
 */
export function writerThere(path: string): Writer {
  let worker: Worker | undefined;

  function begin(): Worker {
    // The bundle has it beside it; the sources run as they are.
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./analytics-worker.mjs";
    const begun = new Worker(new URL(file, import.meta.url), { workerData: path, resourceLimits: LIMITS });
    begun.on("error", () => undefined).on("exit", () => (worker = worker === begun ? undefined : worker));
    begun.unref();
    return begun;
  }

  async function write(batch: Batch): Promise<Written> {
    try {
      return await ask((worker ??= begin()), batch);
    } catch (error) {
      return { fault: { kind: "other", text: (error as Error).message }, notices: [], hasOld: false };
    }
  }

  /** What the last checkpoint leaves is in the journal beside the database. */
  async function close(withinMs: number): Promise<void> {
    const last = worker;
    if (!last) return;
    last.ref();
    last.postMessage(null);
    await Promise.race([once(last, "exit"), sleep(withinMs, undefined, { ref: false })]);
    // One that hangs in the system cannot be ended, and is not waited for.
    last.unref();
    void last.terminate();
  }

  return { write, close };
}

function ask(asked: Worker, batch: Batch): Promise<Written> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the thread that writes ended"));
    const answer = (written: Written): void => {
      asked.off("exit", ended).off("message", answer).unref();
      resolve(written);
    };
    asked.ref();
    asked.once("exit", ended).once("message", answer);
    asked.postMessage(batch);
  });
}
