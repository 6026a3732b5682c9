import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate } from "../../src/base/gate.ts";

describe("a gate", () => {
  it("lets no more in than it has places, and everybody in the end, in their order, whoever fails", async () => {
    const visit = fc.record({ fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), fc.array(visit), async (s, places, visits) => {
        const gate = createGate(places);
        const came: number[] = [];
        let [inside, most] = [0, 0];
        const all = visits.map(({ fails }, at) =>
          gate.pass(async (hasWaited) => {
            came.push(at);
            most = Math.max(most, ++inside);
            expect(hasWaited).toBe(at >= places);
            await s.schedule(Promise.resolve());
            inside -= 1;
            if (fails) throw new Error(`visit ${at}`);
          }),
        );
        const settled = Promise.allSettled(all);
        await s.waitFor(settled);
        expect((await settled).map(({ status }) => status === "rejected")).toEqual(visits.map(({ fails }) => fails));
        expect(came).toEqual(visits.map((_, at) => at));
        expect(most).toBe(Math.min(places, visits.length));
      }),
    );
  });
});
