import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folder } from "../rig.ts";
import { type MadeHere, madeFrom } from "./made.ts";

const RUNS = { numRuns: 40 };

/** Texts as people write them, and such as nobody would. */
const odd = fc.oneof(
  fc.constantFrom(
    "${HOME}",
    "${{ x }}",
    "$${",
    "a: b",
    "- x",
    "#",
    "null",
    "1e3",
    "`",
    "'",
    '"',
    "\\",
    "{}",
    "[",
    "--",
    "*",
    "&a",
    "\u202E",
    "é",
    "日本",
  ),
  fc.string({ maxLength: 20 }),
  fc.string({ maxLength: 20, unit: "binary" }),
);
const word = fc.oneof(
  fc.stringMatching(/^[a-zA-Z_][\w.-]{0,12}$/),
  fc.constantFrom("test", "run", "null", "flags", "config", "true", "__proto__", "mcpfier_x", "a/b"),
);
const line = fc.array(fc.oneof(word, odd), { maxLength: 5 }).map((parts) => parts.join(" "));

/** Whatever is made of a text is valid; it may also be nothing, with a reason. */
async function isValid(path: string, name: string, text: string): Promise<void> {
  writeFileSync(join(path, name), text);
  const made = await madeFrom(name, path);
  if (typeof made === "string") expect(made).not.toBe("");
  else expectClean(made);
}

describe("whatever it is made of, a catalogue is valid", () => {
  it("of any Makefile", async () => {
    const path = folder();
    const entry = fc.oneof(
      fc.tuple(word, line, line).map(([name, needs, body]) => `${name}: ${needs}\n\t${body} $(${name})`),
      fc.tuple(word, line).map(([name, value]) => `${name} ?= ${value}`),
      fc.tuple(word, line).map(([name, help]) => `.PHONY: ${name}\n${name}: ## ${help}\n\techo $(${name})`),
      line,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), (lines) => isValid(path, "Makefile", lines.join("\n"))),
      RUNS,
    );
  });

  it("of any justfile", async () => {
    const path = folder();
    const entry = fc.oneof(
      fc
        .tuple(
          line,
          word,
          fc.array(
            fc.oneof(
              word,
              odd,
              word.map((name) => `${name}="x"`),
              word.map((name) => `*${name}`),
            ),
            { maxLength: 4 },
          ),
        )
        .map(([doc, name, params]) => `# ${doc}\n${name} ${params.join(" ")}:\n  echo`),
      line,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), (lines) => isValid(path, "justfile", lines.join("\n"))),
      RUNS,
    );
  });

  it("of any package.json", async () => {
    const path = folder();
    const scripts = fc.dictionary(fc.oneof(word, odd), fc.oneof(line, fc.jsonValue()), { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(fc.record({ name: odd, scripts }), (data) =>
        isValid(path, "package.json", JSON.stringify(data)),
      ),
      RUNS,
    );
  });

  it("of any schema of an API", async () => {
    const path = folder();
    const schema = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.record(
          {
            type: fc.constantFrom("string", "integer", "number", "boolean", "wrong"),
            pattern: odd,
            enum: fc.array(odd, { maxLength: 2 }),
            minimum: fc.double(),
            maxLength: fc.integer(),
            default: odd,
            format: odd,
            description: odd,
          },
          { requiredKeys: [] },
        ),
        fc.record({
          type: fc.constant("object"),
          properties: fc.dictionary(fc.oneof(word, odd), tie("any"), { maxKeys: 3 }),
          required: fc.array(word, { maxLength: 2 }),
        }),
        fc.record({ type: fc.constant("array"), items: tie("any") }),
        fc.constant({ $ref: "#/components/schemas/a" }),
      ),
    })).any;
    const api = fc
      .tuple(odd, word, odd, schema, fc.constantFrom("get", "post", "delete"))
      .map(([title, name, text, one, method]) => ({
        openapi: "3.0.0",
        info: { title },
        servers: [{ url: "https://api.example.org" }],
        paths: {
          [`/x/{${name}}`]: {
            parameters: [
              { name, in: "path", schema: one },
              { name: text, in: "query", schema: one },
            ],
            [method]: { operationId: text, requestBody: { content: { "application/json": { schema: one } } } },
          },
        },
        components: { schemas: { a: one } },
      }));
    await fc.assert(
      fc.asyncProperty(api, (data) => isValid(path, "api.json", JSON.stringify(data))),
      RUNS,
    );
  });

  it("of any help", async () => {
    const path = folder();
    const option = fc
      .tuple(word, odd, line)
      .map(([name, value, text]) => `  -${name[0] ?? "x"}, --${name}=${value}   ${text}`);
    const entry = fc.oneof(
      option,
      fc.tuple(word, line).map(([name, text]) => `  ${name}   ${text}`),
      fc.constant("Commands:"),
      line,
    );
    const help = fc
      .tuple(line, fc.array(entry, { maxLength: 12 }))
      .map(([usage, lines]) => `Usage: tool ${usage}\n\n${lines.join("\n")}`);
    const script = join(path, "tool");
    // It prints the file beside it, whatever it is asked.
    writeFileSync(script, `#!/bin/sh\ncat "${path}/help.txt"\n`, { mode: 0o755 });
    await fc.assert(
      fc.asyncProperty(help, async (text) => {
        writeFileSync(join(path, "help.txt"), text);
        const made = await madeFrom(`help:${script}`, path);
        if (typeof made !== "string") expectClean(made);
      }),
      { numRuns: 30 },
    );
  });
});

/** What says nothing cannot be made to say something. */
function expectClean({ problems, text }: MadeHere): void {
  expect(
    problems.filter(({ rule }) => rule !== "vague-description"),
    text,
  ).toEqual([]);
}
