import type { Executors } from "../executors/registry.ts";
import { createAsk } from "./ask.ts";
import { createCache } from "./cache.ts";
import { type Next, compose } from "./call.ts";
import { createConfirm } from "./confirm.ts";
import { createExecute } from "./execute.ts";
import { needs } from "./needs.ts";
import { createPlan } from "./plan.ts";
import { retry } from "./retry.ts";
import { settle } from "./settle.ts";
import { shape } from "./shape.ts";
import type { Slots } from "./slots.ts";
import { validate } from "./validate.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/** The one way of a call, whichever door it came through. */
export function createPipeline(slots: Slots, executors: Executors, confirmMs?: number): Next {
  const room = createWaitingRoom(confirmMs);
  const whole = compose(
    [
      settle, // outermost: whatever happens inside becomes one outcome, with its time
      createAsk(room), // what the user gives is checked, shown and run as if the caller had given it
      validate, // before everything that reads arguments
      createConfirm(executors, room), // once for the call and all that it needs, before any of that; who waits for a person holds no slot
      createCache(), // its key is the checked arguments; a known answer runs nothing, not even what the command needs
      needs((call) => whole(call)), // once for all attempts; outside of the slots: a held one could be what a need waits for
      retry, // outside of the slots: nobody holds one until the next attempt, and each attempt waits for its turn
      slots.step, // before all that takes time and memory; a dry run passes
      createPlan(executors), // what it makes is what runs, and a dry run ends here
      shape, // around the execution only: refusals have no output; after `plan`, which knows what must not be shown
    ],
    createExecute(executors),
  );
  return whole;
}
