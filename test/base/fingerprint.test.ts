import { expect, test } from "vitest";
import { fingerprint } from "../../src/base/fingerprint.ts";

test("texts that differ in one place, or in their length, have fingerprints of their own", () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => [`catalogue ${index}`, "a".repeat(index)]).flat();
  expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
  expect(fingerprint("")).toMatch(/^[0-9a-f]{16}$/);
});
