import { describe, expect, test } from "vitest";
import { createShelf } from "../../src/base/shelf.ts";

const HOUR = 3_600_000;

describe("a shelf", () => {
  test("loses what was not used for the longest time when there are too many things", () => {
    const shelf = createShelf<number>({ things: 3, bytes: 100 });
    for (const number of [1, 2, 3]) shelf.put(String(number), number, { bytes: 1, ms: HOUR });
    expect(shelf.take("1")).toBe(1);
    shelf.put("4", 4, { bytes: 1, ms: HOUR });
    expect(["1", "2", "3", "4"].map((key) => shelf.take(key))).toEqual([1, undefined, 3, 4]);
  });

  test("loses as many as a large one needs, and does not take one that is larger than itself", () => {
    const shelf = createShelf<string>({ things: 10, bytes: 10 });
    for (const key of ["a", "b", "c"]) shelf.put(key, key, { bytes: 3, ms: HOUR });
    shelf.put("d", "d", { bytes: 6, ms: HOUR });
    expect(["a", "b", "c", "d"].map((key) => shelf.take(key))).toEqual([undefined, undefined, "c", "d"]);
    shelf.put("e", "e", { bytes: 11, ms: HOUR });
    expect(["c", "d", "e"].map((key) => shelf.take(key))).toEqual(["c", "d", undefined]);
  });

  test("counts a thing that is replaced once", () => {
    const shelf = createShelf<string>({ things: 10, bytes: 10 });
    for (const text of ["one", "two", "three"]) shelf.put("a", text, { bytes: 5, ms: HOUR });
    shelf.put("b", "b", { bytes: 5, ms: HOUR });
    expect([shelf.take("a"), shelf.take("b")]).toEqual(["three", "b"]);
  });

  test("gives nothing when its time is over", () => {
    const shelf = createShelf<string>({ things: 10, bytes: 10 });
    shelf.put("a", "a", { bytes: 1, ms: 0 });
    expect(shelf.take("a")).toBeUndefined();
  });
});
