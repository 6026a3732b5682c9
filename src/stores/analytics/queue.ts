import type { Event } from "./event.ts";

/** Calls that wait to be written, in the order in which they ended; so many at most, the oldest give way. */
export interface Queue {
  add(event: Event): void;
  /** Takes the oldest out; they count as waiting until they were written. */
  take(most: number): readonly Event[];
  /** What was taken is written. Answers how many gave way since this was said last. */
  written(): number;
  /** What was taken is to be written later. */
  failed(): void;
  /** How many wait, without those that were taken. */
  waiting(): number;
  /** How many are not written, and of which nothing was said. */
  unwritten(): number;
}

export function createQueue(most: number): Queue {
  const events: Event[] = [];
  let taken: readonly Event[] = [];
  let lost = 0;

  function bound(): void {
    lost += events.splice(0, events.length - most).length;
  }

  return {
    add: (event) => {
      events.push(event);
      bound();
    },
    take: (count) => (taken = events.splice(0, count)),
    written: () => {
      taken = [];
      const before = lost;
      lost = 0;
      return before;
    },
    failed: () => {
      events.unshift(...taken);
      taken = [];
      bound();
    },
    waiting: () => events.length,
    unwritten: () => events.length + taken.length + lost,
  };
}
