import { expect, test } from "vitest";
import { lastAttempt } from "../../src/cli/last-attempt.ts";
import type { Outcome } from "../../src/pipeline/call.ts";

test("an attempt that is too long to hold, and the last of all, are passed on as they come", async () => {
  const passed: string[] = [];
  const { stdout, again, end } = lastAttempt((chunk) => void passed.push(String(chunk)), 2, 4);
  await stdout(Buffer.from("abc"));
  expect(passed).toEqual([]);
  await stdout(Buffer.from("de"));
  expect(passed).toEqual(["abc", "de"]);
  again();
  await stdout(Buffer.from("f"));
  expect(passed).toEqual(["abc", "de", "f"]);
  await end({ attempt: 2 } as Outcome);
  expect(passed).toHaveLength(3);
});
