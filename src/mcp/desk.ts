import type { Answer, Ask, Question } from "../pipeline/question.ts";

/** Where a question waits until the user of a client that asks for the task can be asked. */
export interface Desk {
  readonly ask: Ask;
  isWaiting(): boolean;
  /** Has what waits, and what comes until the signal aborts, asked by this client. The one before may have lost its connection. */
  serve(ask: Ask, signal: AbortSignal): void;
}

interface Clerk {
  readonly ask: Ask;
  readonly leaving: AbortController;
}

interface Waiting {
  readonly question: Question;
  readonly signal: AbortSignal;
  answer(answer: Answer): void;
}

/** `changed` is told whenever something waits, or nothing does any more. A call asks one question at a time. */
export function createDesk(changed: () => void): Desk {
  let waiting: Waiting | undefined;
  let clerk: Clerk | undefined;

  async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const giveUp = (): void => resolve("unavailable");
    waiting = { question, signal, answer: resolve };
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    changed();
    hand();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      waiting = undefined;
      changed();
    }
  }

  function hand(): void {
    if (!waiting || !clerk) return;
    const { question, signal, answer } = waiting;
    const { leaving } = clerk;
    // What is told of one that has left is no answer: the question waits for the next.
    const told = (given: Answer): void => void (leaving.signal.aborted || answer(given));
    clerk.ask(question, AbortSignal.any([signal, leaving.signal])).then(told, () => told("unavailable"));
  }

  function serve(by: Ask, signal: AbortSignal): void {
    if (signal.aborted) return;
    clerk?.leaving.abort();
    const leaving = new AbortController();
    clerk = { ask: by, leaving };
    signal.addEventListener("abort", () => leaving.abort(), { once: true });
    leaving.signal.addEventListener("abort", () => void (clerk = clerk?.leaving === leaving ? undefined : clerk));
    hand();
  }

  return { ask, isWaiting: () => waiting !== undefined, serve };
}
