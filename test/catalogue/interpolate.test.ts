import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInterpolator } from "../../src/catalogue/interpolate.ts";
import { parseTemplate } from "../../src/command/template.ts";
import { engineOf, host, load } from "../rig.ts";

const RUNS = { numRuns: 10_000 };

/** The text as a template would be read from it, and the faults. */
function fill(
  text: string,
  env: Readonly<Record<string, string | undefined>> = {},
): { text: string; faults: string[] } {
  const faults: string[] = [];
  const filled = createInterpolator({ env: (name) => env[name] }).fill(text, (written, message) => {
    faults.push(`${written}: ${message}`);
    return "";
  });
  return { text: filled, faults };
}

/** What a template renders to when every place shows its own name in brackets. */
function shown(text: string): string {
  return parseTemplate(text)
    .template.map((part) => (typeof part === "string" ? part : `<${part.param}>`))
    .join("");
}

it("`$${{` is a literal also in a file that mentions no variable", async () => {
  const command = { name: "t", description: "d", run: ["echo", "${{ x }}"], params: { x: { enum: ["$${{ y }}"] } } };
  const engine = await engineOf(JSON.stringify({ commands: [command] }));
  const outcome = await engine.call({ tool: "t", arguments: { x: "${{ y }}" }, dryRun: true });
  expect(outcome).toMatchObject({ kind: "planned", plan: { argv: ["echo", "${{ y }}"] } });
});

describe("the host's environment in a text", () => {
  it.each([
    ["${A}", "one"],
    ["x${A}y${A}z", "xoneyonez"],
    ["${A:-two}", "one"],
    ["${UNSET:-two}", "two"],
    ["${EMPTY:-two}", "two"],
    ["${EMPTY}", ""],
    ["${UNSET:-}", ""],
    ["${UNSET:-a:-b}", "a:-b"],
    ["${UNSET:-https://x.org:80/?a=b}", "https://x.org:80/?a=b"],
    ["${A:?must be set}", "one"],
    ["$A $ $$ $5 100$", "$A $ $$ $5 100$"],
    ["$${A}", "${A}"],
    ["$$${A}", "$${A}"],
    ["$${{ x }}", "${{ x }}"],
    ["${{ x }}", "<x>"],
    ["${{x}}${A}", "<x>one"],
    ["${A}${{ x }}", "one<x>"],
    ["a } b", "a } b"],
  ])("%s becomes %s", (text, expected) => {
    const filled = fill(text, { A: "one", EMPTY: "" });
    expect(filled.faults).toEqual([]);
    expect(shown(filled.text)).toBe(expected);
  });

  it.each([
    ["${UNSET}", "UNSET is not set"],
    ["${UNSET:?give a name}", "UNSET: give a name"],
    ["${UNSET:?}", "UNSET: it must be set"],
    ["${EMPTY:?must not be empty}", "EMPTY: must not be empty"],
    ["${", "is not `${NAME}`"],
    ["${A", "is not `${NAME}`"],
    ["${}", "is not `${NAME}`"],
    ["${1A}", "is not `${NAME}`"],
    ["${A B}", "is not `${NAME}`"],
    ["${A:+b}", "is not `${NAME}`"],
    ["${A-b}", "is not `${NAME}`"],
    ["${A#b}", "is not `${NAME}`"],
  ])("%s is a fault: %s", (text, expected) => {
    const { faults } = fill(text, { A: "one", EMPTY: "" });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
  });

  it("counts as a secret by the name of its variable, and only when it is used", () => {
    const interpolator = createInterpolator({ env: (name) => `value of ${name}` });
    interpolator.fill(
      "${HOOK_TOKEN} ${MY_SECRET:-x} ${DB_PASSWORD:?x} ${API_KEY} ${HOME} $${OTHER_KEY}",
      () => "",
    );
    expect([...interpolator.secrets]).toEqual([
      "value of HOOK_TOKEN",
      "value of MY_SECRET",
      "value of DB_PASSWORD",
      "value of API_KEY",
    ]);
  });
});

/** Text made of what has a meaning in templates. */
const treacherous = fc
  .array(fc.constantFrom("$", "{", "}", "$${", "${", "${{", "}}", "${{ x }}", "${B}", " x ", "a", "\n", "é"), {
    maxLength: 6,
  })
  .map((parts) => parts.join(""));

type Piece = { readonly written: string; readonly means: (a: string, b: string) => string };
const piece = fc.constantFrom<Piece>(
  { written: "${A}", means: (a) => a },
  { written: "${B}", means: (_a, b) => b },
  { written: "${UNSET:-d}", means: () => "d" },
  { written: "${{ x }}", means: () => "<x>" },
  { written: "$${", means: () => "${" },
  { written: "{{ x }}", means: () => "{{ x }}" },
  { written: "text", means: () => "text" },
  { written: " ", means: () => " " },
);

describe("a value that was filled in", () => {
  it("is text for ever after, whatever stands in it and beside it", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), treacherous, treacherous, (pieces, a, b) => {
        const written = pieces.map((each) => each.written).join("");
        const { text, faults } = fill(written, { A: a, B: b });
        expect(faults).toEqual([]);
        expect(shown(text)).toBe(pieces.map((each) => each.means(a, b)).join(""));
      }),
      RUNS,
    );
  });

  it("reaches the program unread from the environment, in a list and in one line", async () => {
    await fc.assert(
      fc.asyncProperty(treacherous, async (a) => {
        const yaml = `commands:
  - { name: list, run: [echo, "\${A}", "<\${A}>"] }
  - { name: line, run: 'echo "\${A}" <\${A}>' }
  - { name: text, run: [cat], stdin: "\${A}", env: { SHOWN: "\${A}" }, params: { b: { type: string } } }`
          .replaceAll("<$", "x$")
          .replaceAll("}>", "}y");
        const { catalogue, problems } = await load(yaml, { host: { ...host, env: { ...host.env, A: a } } });
        expect(problems.filter((each) => each.severity === "error")).toEqual([]);
        const [list, line, text] = catalogue?.commands ?? [];
        const literal = [a, `x${a}y`].map((each) => ({ kind: "element", template: [each], guarded: false }));
        expect(list?.program).toMatchObject({ items: literal });
        expect(line?.program).toMatchObject({ items: literal });
        expect(text).toMatchObject({ stdin: [a], env: { set: { SHOWN: [a] } } });
      }),
      { numRuns: 300 },
    );
  });

  it("reaches the program unread from a caller", async () => {
    const engine = await engineOf(`commands:
  - name: echo
    run: [echo, "<\${{ a }}>", --, "\${{ a }}", "\${{ b }}"]
    stdin: "\${{ a }}\${{ b }}"
    env: { A: "\${{ a }}" }
    params: { a: { type: string }, b: { type: string }, x: { type: string, default: never } }`);
    await fc.assert(
      fc.asyncProperty(treacherous, treacherous, async (a, b) => {
        const outcome = await engine.call({ tool: "echo", arguments: { a, b }, dryRun: true });
        if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
        expect(outcome.plan.argv).toEqual(["echo", `<${a}>`, "--", a, b]);
        expect(outcome.plan.stdin).toBe(a + b);
        expect(outcome.plan.env.find(({ name }) => name === "A")?.value).toBe(a);
      }),
      RUNS,
    );
  });
});
