// The thread in which `writerThere` writes. It answers each batch, and ends with the process.
import { parentPort, workerData } from "node:worker_threads";
import { type Batch, createStore } from "./store.ts";

const store = createStore(workerData as string);
parentPort?.on("message", (batch: Batch | null) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of windows, which this is none
  if (batch) parentPort?.postMessage(store.write(batch));
  else {
    store.close();
    parentPort?.close();
  }
});
