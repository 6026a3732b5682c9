import { unlessAborted } from "../../base/abort.ts";
import { setDeadline } from "../../base/deadline.ts";
import type { Sink } from "../../base/sink.ts";
import type { CallIO, Ending } from "../executor.ts";
import { watchSilence } from "../silence.ts";
import type { WebhookPlan } from "./plan.ts";

/** What ends a request before it ends by itself. */
export interface Leash {
  /** Aborted at the timeout, after too long a silence, and when the caller cancels. */
  readonly signal: AbortSignal;
  stopped(): Ending["stopped"];
  /** How long it lasts at most if nothing is heard, in milliseconds. */
  left(): number;
  /** A sink that tells of what it hears; writing to it ends with the signal, however slow its reader is. */
  heard(sink: Sink): (chunk: Buffer) => Promise<void>;
  end(): void;
}

export function createLeash(
  { timeoutMs, idleTimeoutMs }: Pick<WebhookPlan, "timeoutMs" | "idleTimeoutMs">,
  { signal }: Pick<CallIO, "signal">,
): Leash {
  const cut = new AbortController();
  const started = performance.now();
  let stopped: Ending["stopped"] = null;

  function stop(why: NonNullable<Ending["stopped"]>): void {
    if (stopped !== null) return;
    stopped = why;
    cut.abort(new Error(`the request was stopped: ${why}`));
  }

  const cancel = (): void => stop("cancel");
  const forget = setDeadline(timeoutMs, () => stop("timeout"));
  const silence = watchSilence(idleTimeoutMs, () => stop("idle"));
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();

  function end(): void {
    forget();
    silence.end();
    signal.removeEventListener("abort", cancel);
  }
  return {
    signal: cut.signal,
    stopped: () => stopped,
    left: () => Math.min(started + timeoutMs - performance.now(), silence.left()),
    heard: (sink) => {
      const heard = silence.heard(sink);
      return async (chunk) => {
        const taken = heard(chunk);
        if (taken) await take(taken, cut.signal);
      };
    },
    end,
  };
}

async function take(taken: Promise<void>, signal: AbortSignal): Promise<void> {
  // A sink that fails takes no more than its chunk with it.
  const isTaken = await unlessAborted(
    taken.then(
      () => true,
      () => true,
    ),
    signal,
  );
  if (isTaken !== true) throw signal.reason;
}
