import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeal } from "../../src/base/seal.ts";

test("A seal opens what it closed, and nothing that was changed, shortened or closed by another", () => {
  const seal = createSeal();
  const value = { hash: "x", number: 7 };
  const text = seal.close(value);
  expect(seal.open(text)).toEqual(value);
  expect(text).not.toContain(Buffer.from("hash").toString("base64url"));
  expect(createSeal().open(text)).toBeUndefined();
  expect(seal.close(value)).not.toBe(text);
  const bytes = Buffer.from(text, "base64url");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(seal.open(changed.toString("base64url"))).toBeUndefined();
      expect(seal.open(bytes.subarray(0, at).toString("base64url"))).toBeUndefined();
    }),
  );
  for (const none of ["", "x", "x".repeat(10_000)]) expect(seal.open(none)).toBeUndefined();
});
