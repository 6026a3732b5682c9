import { type Next, compose } from "./call.ts";
import { execute } from "./execute.ts";
import { plan } from "./plan.ts";
import { settle } from "./settle.ts";
import { shape } from "./shape.ts";
import { validate } from "./validate.ts";

/** The one way of a call, whichever door it came through. */
export const pipeline: Next = compose(
  [
    settle, // outermost: whatever happens inside becomes one outcome, with its time
    validate, // before everything that reads arguments
    plan, // what it makes is what runs, and a dry run ends here
    shape, // around the execution only: refusals have no output; after `plan`, which knows what must not be shown
  ],
  execute,
);
