import type { Fill } from "../pipeline/form.ts";
import type { Ask } from "../pipeline/question.ts";

/** The ways in which the user of a client is asked. */
export interface Clerk {
  readonly confirm: Ask;
  readonly fill: Fill;
}

/** Where a question waits until the user of a client that asks for the task can be asked. */
export interface Desk extends Clerk {
  isWaiting(): boolean;
  /** Has what waits, and what comes until the signal aborts, asked by this client. The one before may have lost its connection. */
  serve(by: Clerk, signal: AbortSignal): void;
}

interface OnDuty {
  readonly clerk: Clerk;
  readonly leaving: AbortController;
}

/** `changed` is told whenever something waits, or nothing does any more. A call asks one question at a time. */
export function createDesk(changed: () => void): Desk {
  /** Gives what waits to a client. */
  let waiting: ((to: OnDuty) => void) | undefined;
  let onDuty: OnDuty | undefined;

  async function wait<A>(put: (clerk: Clerk, signal: AbortSignal) => Promise<A>, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<A | "unavailable">();
    const giveUp = (): void => resolve("unavailable");
    waiting = ({ clerk, leaving }) => {
      // What is told of one that has left is no answer: the question waits for the next.
      const told = (answer: A | "unavailable"): void => void (leaving.signal.aborted || resolve(answer));
      put(clerk, AbortSignal.any([signal, leaving.signal])).then(told, () => told("unavailable"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    changed();
    if (onDuty) waiting(onDuty);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      waiting = undefined;
      changed();
    }
  }

  function serve(clerk: Clerk, signal: AbortSignal): void {
    if (signal.aborted) return;
    onDuty?.leaving.abort();
    const leaving = new AbortController();
    onDuty = { clerk, leaving };
    signal.addEventListener("abort", () => leaving.abort(), { once: true });
    leaving.signal.addEventListener("abort", () => void (onDuty = onDuty?.leaving === leaving ? undefined : onDuty));
    waiting?.(onDuty);
  }

  return {
    confirm: (question, signal) => wait((clerk, until) => clerk.confirm(question, until), signal),
    fill: (form, signal) => wait((clerk, until) => clerk.fill(form, until), signal),
    isWaiting: () => waiting !== undefined,
    serve,
  };
}
