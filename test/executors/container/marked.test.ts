import * as fc from "fast-check";
import { expect, it } from "vitest";
import { marked } from "../../../src/executors/container/marked.ts";

const MARK = Buffer.from("\u0001n0:");
const WORD = new RegExp(`${MARK.toString()}([^\n]*)\n`);

it("words are taken out of a stream however it is cut, and not a byte more or less is passed on", async () => {
  const piece = fc.oneof(
    fc.constantFrom("\u0001", "\u0001n", "\u0001n0", "n0:", "\u0001\u0001n0", "x", "\n").map((text) => ({ text })),
    fc.constantFrom("ended 0", "ready", "").map((word) => ({ word })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece), fc.array(fc.nat(9)), fc.boolean(), async (pieces, cuts, isSlow) => {
      const stream = Buffer.from(
        pieces.map((each) => ("word" in each ? `${MARK.toString()}${each.word}\n` : each.text)).join(""),
      );
      const told: string[] = [];
      let came = "";
      const { sink, flush } = marked(
        MARK,
        async (chunk) => {
          if (isSlow) await Promise.resolve();
          came += chunk.toString("latin1");
        },
        (word) => told.push(`${word} at ${came.length}`),
      );
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const end = at + 1 + (cuts[turn % (cuts.length || 1)] ?? 0);
        await sink(stream.subarray(at, end));
        at = end;
      }
      await flush();
      // What pieces make together may be a word, too.
      const whole = stream.toString("latin1");
      const words: string[] = [];
      let expected = "";
      let rest = whole;
      for (let found = WORD.exec(rest); found; found = WORD.exec(rest)) {
        expected += rest.slice(0, found.index);
        words.push(`${found[1]} at ${expected.length}`);
        rest = rest.slice(found.index + found[0].length);
      }
      expect([came, told]).toEqual([expected + rest, words]);
    }),
  );
});
