import fc from "fast-check";
import { expect, it } from "vitest";
import { engineOf } from "../rig.ts";
import { caseOf, catalogueOf, many } from "./arbitrary.ts";
import { LONGEST, each, told } from "./hostile.ts";
import { type Expected, type Given, type RawCommand, expectedArgv } from "./reference.ts";

const COMMANDS = 20;
const CALLS = 10;
const RUNS = 50;

/** Of a call's arguments and environment together, the system takes 2 MiB; above this it may refuse. */
const CERTAIN = 1_900_000;

it("any catalogue and any arguments: a real program receives exactly the declared elements, or the call is refused for a reason", async () => {
  const seen = { ran: 0, refused: 0, long: 0 };
  let batches = 0;
  const batch = many(COMMANDS, (pick) => caseOf(pick, CALLS));
  await fc.assert(
    fc.asyncProperty(batch, async (some) => {
      const commands = some.map(({ command }, index) => ({ name: `c${index}`, ...command }));
      // Every fifth batch with what contains a command, which takes longer than the command itself.
      const isGrouped = ++batches % 5 > 0;
      const engine = await engineOf(catalogueOf(commands, isGrouped ? { isolation: "group" } : {}));
      const calls = some.flatMap(({ calls: list }, index) =>
        list.map((given) => ({ command: commands[index] as RawCommand, given })),
      );
      await each(calls, 12, async ({ command, given }) => {
        const expected = expectedArgv(command, given);
        const chunks: Buffer[] = [];
        const outcome = await engine.call({
          tool: command.name,
          arguments: given,
          stdout: (chunk) => void chunks.push(Buffer.from(chunk)),
        });
        const received = Buffer.concat(chunks);
        const fault =
          outcome.kind === "refused"
            ? refusalFault(expected, outcome.code)
            : outcome.kind === "completed"
              ? argvFault(expected, received)
              : `ended as ${outcome.kind}`;
        if (fault !== "")
          throw new Error(`${fault}\ncommand: ${JSON.stringify(command)}\narguments: ${shortened(given)}`);
        seen[outcome.kind === "refused" ? "refused" : "ran"]++;
        if (received.length > LONGEST - 100) seen.long++;
      });
      await engine.close();
    }),
    {
      numRuns: RUNS,
      endOnFailure: true,
      interruptAfterTimeLimit: 240_000,
      markInterruptAsFailure: true,
      reporter: told,
    },
  );
  expect(seen.ran + seen.refused).toBeGreaterThanOrEqual(10_000);
  expect(seen.ran).toBeGreaterThan(5000);
  expect(seen.refused).toBeGreaterThan(500);
  expect(seen.long).toBeGreaterThan(10);
}, 300_000);

function argvFault(expected: Expected, received: Buffer): string {
  if ("refused" in expected) return `ran, and should be refused: ${[...expected.refused].join(", ")}`;
  const wanted = Buffer.from(
    expected.argv
      .slice(1)
      .map((text) => `${text}\0`)
      .join(""),
  );
  if (wanted.equals(received)) return "";
  return `received ${JSON.stringify(received.toString().slice(0, 1500).split("\0"))}\nexpected ${JSON.stringify(expected.argv.slice(1)).slice(0, 1500)}`;
}

function refusalFault(expected: Expected, code: string): string {
  if ("refused" in expected)
    return expected.refused.has(code) ? "" : `refused with ${code}, expected ${[...expected.refused].join(" or ")}`;
  const total = expected.argv.reduce((sum, text) => sum + Buffer.byteLength(text) + 9, 0);
  return code === "arguments.too_large" && total > CERTAIN
    ? ""
    : `refused with ${code}, and should receive ${JSON.stringify(expected.argv).slice(0, 500)}`;
}

function shortened(given: Given): string {
  return JSON.stringify(given, (_key, value: unknown) =>
    typeof value === "string" && value.length > 300
      ? `${value.slice(0, 20)}... of ${Buffer.byteLength(value)} bytes`
      : value,
  );
}
