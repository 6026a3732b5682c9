import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bound, type Bounds, createTurnstile } from "../../src/base/turnstile.ts";

interface Person {
  readonly id: number;
  readonly caller: string;
  readonly kind: string;
}

const NO_BOUND: Bound = { concurrency: null, queue: null };

function boundsOf(concurrency: number, queue: number, kinds: Readonly<Record<string, Bound>> = {}): Bounds {
  return { concurrency, queue, of: (kind) => kinds[kind] ?? NO_BOUND };
}

const ids = (people: readonly Person[]): readonly number[] => people.map(({ id }) => id);

/** The same promises, kept by looking at everybody each time. */
function createModel(first: Bounds) {
  let bounds = first;
  let inside: Person[] = [];
  let waiting: Person[] = [];
  let turns: string[] = [];
  const most = (bound: number | null): number => bound ?? Number.POSITIVE_INFINITY;
  const ofKind = (people: readonly Person[], kind: string): number =>
    people.filter((each) => each.kind === kind).length;
  const hasRoom = (kind: string): boolean => ofKind(inside, kind) < most(bounds.of(kind).concurrency);
  const forget = (): void => void (turns = turns.filter((caller) => waiting.some((each) => each.caller === caller)));

  function letIn(): readonly number[] {
    const entered: number[] = [];
    for (;;) {
      if (inside.length >= bounds.concurrency) return entered;
      const may = (caller: string) => waiting.find((each) => each.caller === caller && hasRoom(each.kind));
      const caller = turns.find((each) => may(each) !== undefined);
      const next = caller === undefined ? undefined : may(caller);
      if (caller === undefined || !next) return entered;
      waiting = waiting.filter((each) => each !== next);
      inside.push(next);
      turns = [...turns.filter((each) => each !== caller), caller];
      forget();
      entered.push(next.id);
    }
  }

  return {
    inside: () => inside,
    waiting: () => waiting,
    arrive: (person: Person): unknown => {
      const { kind, caller } = person;
      if (inside.length < bounds.concurrency && hasRoom(kind)) {
        inside.push(person);
        return "inside";
      }
      if (ofKind(waiting, kind) >= most(bounds.of(kind).queue))
        return { of: "kind", inside: ofKind(inside, kind), waiting: ofKind(waiting, kind) };
      if (waiting.length >= bounds.queue) return { of: "all", inside: inside.length, waiting: waiting.length };
      waiting.push(person);
      if (!turns.includes(caller)) turns.push(caller);
      return "waiting";
    },
    giveUp: (person: Person): boolean => {
      const waited = waiting.includes(person);
      waiting = waiting.filter((each) => each !== person);
      forget();
      return waited;
    },
    leave: (person: Person): readonly number[] => {
      inside = inside.filter((each) => each !== person);
      return letIn();
    },
    rebound: (next: Bounds): readonly number[] => {
      bounds = next;
      return letIn();
    },
  };
}

const bound = fc.record({
  concurrency: fc.option(fc.integer({ min: 1, max: 3 })),
  queue: fc.option(fc.integer({ min: 0, max: 5 })),
});
const someBounds = fc.record({
  concurrency: fc.integer({ min: 1, max: 5 }),
  queue: fc.integer({ min: 0, max: 20 }),
  kinds: fc.record({ x: bound, y: bound }),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("arrive" as const),
      caller: fc.constantFrom("a", "b", "c"),
      kind: fc.constantFrom("x", "y", "z"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("giveUp" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rebound" as const), bounds: someBounds }) },
);

describe("the turnstile", () => {
  test("lets in whom a model of it lets in, never more than its bounds, and everybody in the end", () => {
    fc.assert(
      fc.property(someBounds, fc.array(step, { maxLength: 60 }), (first, steps) => {
        let current = first;
        const toBounds = (each: typeof first): Bounds => boundsOf(each.concurrency, each.queue, each.kinds);
        const turnstile = createTurnstile<Person>(toBounds(first));
        const model = createModel(toBounds(first));
        const entered = new Map<number, number>();
        const note = (numbers: readonly number[]): void => {
          for (const id of numbers) {
            entered.set(id, (entered.get(id) ?? 0) + 1);
            const { kind } = model.inside().find((each) => each.id === id) as Person;
            const most = toBounds(current).of(kind).concurrency ?? current.concurrency;
            expect(model.inside().length).toBeLessThanOrEqual(current.concurrency);
            expect(model.inside().filter((each) => each.kind === kind).length).toBeLessThanOrEqual(most);
          }
        };
        const accepted = new Set<number>();
        steps.forEach((each, id) => {
          if (each.do === "arrive") {
            const person = { id, caller: each.caller, kind: each.kind };
            const answer = turnstile.arrive(person);
            expect(answer).toEqual(model.arrive(person));
            if (answer === "inside") note([id]);
            if (typeof answer === "string") accepted.add(id);
          } else if (each.do === "rebound") {
            current = each.bounds;
            const now = ids(turnstile.rebound(toBounds(current)));
            expect(now).toEqual(model.rebound(toBounds(current)));
            note(now);
          } else {
            const people = each.do === "leave" ? model.inside() : [...model.waiting(), ...model.inside()];
            const person = people[each.pick % Math.max(1, people.length)];
            if (!person) return;
            if (each.do === "leave") {
              const now = ids(turnstile.leave(person));
              expect(now).toEqual(model.leave(person));
              note(now);
            } else {
              const waited = turnstile.giveUp(person);
              expect(waited).toBe(model.giveUp(person));
              if (waited) accepted.delete(person.id);
            }
          }
        });
        for (let person = model.inside()[0]; person; person = model.inside()[0]) {
          const now = ids(turnstile.leave(person));
          expect(now).toEqual(model.leave(person));
          note(now);
        }
        // Nobody starves, nobody enters twice, and who gave up never enters.
        expect(entered).toEqual(new Map([...accepted].map((id) => [id, 1])));
        expect(model.waiting()).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("lets callers take turns, whatever one of them has waiting", () => {
    const turnstile = createTurnstile<Person>(boundsOf(1, 100));
    const flood = Array.from({ length: 10 }, (_, id) => ({ id, caller: "a", kind: "x" }));
    const late = { id: 100, caller: "b", kind: "x" };
    for (const each of flood) turnstile.arrive(each);
    turnstile.arrive(late);
    const order: number[] = [];
    for (let next: readonly Person[] = flood.slice(0, 1); next[0]; next = turnstile.leave(next[0]))
      order.push(...ids(next));
    expect(order).toEqual([0, 1, 100, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("does not let a full kind hold up the others", () => {
    const turnstile = createTurnstile<Person>(boundsOf(2, 100, { slow: { concurrency: 1, queue: null } }));
    const [first, second, third] = [1, 2, 3].map((id) => ({ id, caller: "a", kind: "slow" })) as [
      Person,
      Person,
      Person,
    ];
    expect([first, second, third].map((each) => turnstile.arrive(each))).toEqual(["inside", "waiting", "waiting"]);
    expect(turnstile.arrive({ id: 4, caller: "a", kind: "fast" })).toBe("inside");
    expect(turnstile.arrive({ id: 5, caller: "a", kind: "fast" })).toBe("waiting");
    expect(ids(turnstile.leave({ id: 4, caller: "a", kind: "fast" }))).toEqual([5]);
    expect(ids(turnstile.leave(first))).toEqual([2]);
  });
});
