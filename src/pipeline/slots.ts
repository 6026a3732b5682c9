import { createPace } from "../base/pace.ts";
import { type Refusal, refuse } from "../base/refusal.ts";
import { type Bounds, type Busy, createTurnstile } from "../base/turnstile.ts";
import type { Visitor } from "../base/turns.ts";
import type { Call, Middleware, Next, Outcome } from "./call.ts";

/** Runs so many calls at once, of each command and in all; the others wait for their turn, or are refused. */
export interface Slots {
  readonly step: Middleware;
  /** Sets other bounds, which count from now on. */
  rebound(bounds: Bounds): void;
}

interface Waiting extends Visitor {
  begin(): void;
}

export function createSlots(bounds: Bounds): Slots {
  const turnstile = createTurnstile<Waiting>(bounds);
  // To start a program blocks for milliseconds: sixty-four in one turn of the event loop were measured at 230 ms.
  const pace = createPace();

  async function step(call: Call, next: Next): Promise<Outcome> {
    if (call.dryRun) return next(call);
    const slot = await slotFor(call);
    // Cancelled while it waited: it goes on to its end without a slot, for nothing is started any more.
    if (!slot) return next(call);
    let outcome: Outcome | undefined;
    try {
      outcome = await next(call);
      return outcome;
    } finally {
      const free = (): void => begin(turnstile.leave(slot));
      // What could not be killed still takes its place.
      if (outcome?.kind === "unknown") void outcome.remains.then(free, free);
      else free();
    }
  }

  /** Null when the call was cancelled before its turn came. */
  function slotFor({ caller, command, signal, watch }: Call): Promise<Waiting | null> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve(null);
      const giveUp = (): void => {
        if (turnstile.giveUp(slot)) resolve(null);
      };
      const slot: Waiting = {
        caller,
        kind: command.name,
        begin: () => {
          signal.removeEventListener("abort", giveUp);
          pace(() => resolve(slot));
        },
      };
      const answer = turnstile.arrive(slot);
      if (answer === "inside") slot.begin();
      else if (answer === "waiting") {
        watch.doing("waiting for a free slot");
        signal.addEventListener("abort", giveUp, { once: true });
      } else reject(refusalOf(command.name, answer));
    });
  }

  return { step, rebound: (next) => begin(turnstile.rebound(next)) };
}

function begin(entered: readonly Waiting[]): void {
  for (const slot of entered) slot.begin();
}

function refusalOf(name: string, { of, inside, waiting }: Busy): Refusal {
  const who = of === "kind" ? `"${name}"` : "the server";
  const text = `${who} is busy: calls that run: ${inside}, calls that wait: ${waiting}, and ${waiting === 0 ? "none" : "no more"} may wait; try again later`;
  return refuse("queue.full", text);
}
