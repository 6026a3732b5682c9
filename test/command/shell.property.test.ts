import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineOf } from "../rig.ts";
import { givenOf, many } from "./arbitrary.ts";
import { OPTION_PAYLOADS, SHELL_PAYLOADS, TEMPLATE_PAYLOADS, each, told, yamlOf } from "./hostile.ts";
import { type Given, type RawParam, expectedShell } from "./reference.ts";

const PARAMS: Readonly<Record<string, RawParam>> = {
  text: { type: "string" },
  other: { type: "string", default: "it's $HOME `x`" },
  IFS: { type: "string" },
  number: { type: "number" },
  flag: { type: "boolean" },
  list: { type: "array", items: { type: "string" } },
  joined: { type: "array", items: { type: "string" }, join: ":" },
  object: { type: "object" },
  rest: { type: "array", items: { type: "string" }, positional: true },
};
const VARIABLES = Object.keys(PARAMS).filter((name) => name !== "rest");
/** Prints how many `"$@"` holds, them, then for each variable whether it is set and what it holds. */
const SCRIPT = `printf '%s\\0' "$#" "$@" ${VARIABLES.map((name) => `"\${arg_${name}+set}" "$arg_${name}"`).join(" ")}\n`;
const LONGEST_TOTAL = 1_900_000;

describe.each(["sh", "bash"] as const)("through `shell: %s`", (shell) => {
  const say = { name: "say", description: "d", shell, run: SCRIPT, params: PARAMS };
  // What contains a command takes longer than the command itself.
  const yaml = yamlOf({ commands: [say, { ...say, name: "grouped", isolation: "group" }] });

  it("a constant script sees exactly the values that were given, whatever they say, or the call is refused for a reason", async () => {
    const engine = await engineOf(yaml);
    const seen = { ran: 0, refused: 0 };
    const batch = many(200, (pick) => givenOf(pick, PARAMS));
    await fc.assert(
      fc.asyncProperty(batch, (calls) =>
        each([...calls.entries()], 12, async ([index, one]) => {
          const ran = await check(engine, one, index % 2 === 0 ? "grouped" : "say");
          seen[ran ? "ran" : "refused"]++;
        }),
      ),
      {
        numRuns: 26,
        endOnFailure: true,
        interruptAfterTimeLimit: 240_000,
        markInterruptAsFailure: true,
        reporter: told,
      },
    );
    expect(seen.ran + seen.refused).toBeGreaterThanOrEqual(5200);
    expect(seen.ran).toBeGreaterThan(2000);
    expect(seen.refused).toBeGreaterThan(250);
  }, 300_000);

  it('every payload of the corpus arrives as it is, in a variable and in a place of "$@"', async () => {
    const engine = await engineOf(yaml);
    await each([...SHELL_PAYLOADS, ...TEMPLATE_PAYLOADS, ...OPTION_PAYLOADS], 8, async (payload) => {
      expect(await check(engine, { text: payload, list: [payload], joined: [payload, payload], rest: ["ok"] })).toBe(
        true,
      );
      expect(await check(engine, { rest: [payload, "ok"] })).toBe(!payload.startsWith("-"));
    });
  });
});

/** Whether it ran; throws when that, or what the script saw, is not what the reference says. */
async function check(engine: Awaited<ReturnType<typeof engineOf>>, given: Given, tool = "say"): Promise<boolean> {
  const expected = expectedShell({ params: PARAMS }, given);
  const chunks: Buffer[] = [];
  const outcome = await engine.call({
    tool,
    arguments: given,
    stdout: (chunk) => void chunks.push(Buffer.from(chunk)),
  });
  const shown = JSON.stringify(given).slice(0, 2000);
  if (outcome.kind === "refused") {
    if ("refused" in expected && expected.refused.has(outcome.code)) return false;
    const total = "refused" in expected ? 0 : Buffer.byteLength(JSON.stringify(expected));
    if (outcome.code === "arguments.too_large" && total > LONGEST_TOTAL) return false;
    throw new Error(`refused with ${outcome.code} ${outcome.problems.join("; ").slice(0, 300)}: ${shown}`);
  }
  if (outcome.kind !== "completed") throw new Error(`ended as ${outcome.kind}: ${shown}`);
  if ("refused" in expected)
    throw new Error(`ran, and should be refused with ${[...expected.refused].join(", ")}: ${shown}`);
  const { positional, env } = expected;
  const fields = [
    String(positional.length),
    ...positional,
    ...VARIABLES.flatMap((name) => (Object.hasOwn(env, name) ? ["set", env[name] ?? ""] : ["", ""])),
  ];
  const wanted = Buffer.from(fields.map((text) => `${text}\0`).join(""));
  const received = Buffer.concat(chunks);
  if (!wanted.equals(received))
    throw new Error(`the script saw ${JSON.stringify(received.toString().split("\0")).slice(0, 2000)}\ngiven ${shown}`);
  return true;
}
