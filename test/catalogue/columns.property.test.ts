import fc from "fast-check";
import { expect, test } from "vitest";
import { fromColumns, toColumns } from "../../src/catalogue/columns.ts";

/** Values that often are the same, or nearly. */
const value = fc.oneof(fc.constantFrom(null, "a", "1", 1, [], {}, [1], { a: 1 }, { a: null }), fc.jsonValue());
const rows = fc
  .uniqueArray(fc.string({ maxLength: 10 }), { maxLength: 5 })
  .chain((keys) => fc.array(fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), value)))))
  .map((all) => all.map((entries) => Object.fromEntries(entries)));

test("records come back from their columns as they were written, to the order of their keys", () => {
  fc.assert(
    fc.property(rows, (given) => {
      const columns = JSON.parse(JSON.stringify(toColumns(given))) as ReturnType<typeof toColumns>;
      expect(JSON.stringify(fromColumns(columns))).toBe(JSON.stringify(given));
    }),
  );
});

test("a value that records share is written once, and is one object for all of them", () => {
  const columns = toColumns(Array.from({ length: 100 }, (_, index) => ({ name: `n${index}`, shared: { word: "once" } })));
  expect(JSON.stringify(columns).match(/once/g)).toHaveLength(1);
  const [one, other] = fromColumns(columns) as readonly { readonly shared: object }[];
  expect(one?.shared).toBe(other?.shared);
});
