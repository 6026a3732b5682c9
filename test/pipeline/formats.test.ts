import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText } from "../../src/base/text.ts";
import type { Output } from "../../src/command/command.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { createRecorder } from "../../src/pipeline/capture.ts";
import { createCleaner } from "../../src/pipeline/cleaner.ts";
import { callFacts } from "../../src/pipeline/facts.ts";
import type { Printed, Result } from "../../src/pipeline/formats/format.ts";
import { formats } from "../../src/pipeline/formats/registry.ts";
import { toResult } from "../../src/mcp/translate.ts";
import { engineOf, folder, host } from "../rig.ts";

interface Case {
  readonly stdout: string | Buffer;
  readonly stderr?: string;
  readonly exit?: number;
  /** Variables of the host; the command gets those that are named here. */
  readonly env?: Readonly<Record<string, string>>;
}

type Ended = Extract<Outcome, { shown: unknown }>;

/** What becomes of a real program's output. */
async function call(output: object, { stdout, stderr = "", exit = 0, env = {} }: Case): Promise<Ended> {
  const path = folder();
  writeFileSync(join(path, "out"), stdout);
  writeFileSync(join(path, "err"), stderr);
  const yaml = JSON.stringify({
    commands: [
      {
        name: "show",
        description: "Prints.",
        shell: "sh",
        run: `cat out; cat err >&2; exit ${exit}`,
        env: { inherit: Object.keys(env) },
        output,
      },
    ],
  });
  const engine = await engineOf(yaml, { folder: path, host: { ...host, env: { ...host.env, ...env } } });
  const outcome = await engine.call({ tool: "show", arguments: {} });
  if (!("shown" in outcome)) throw new Error(`it ended as ${outcome.kind}`);
  return outcome;
}

/** The same without a program, for many runs. */
async function read(
  format: Output["format"],
  stdout: string | Buffer,
  more: Partial<Output> & { readonly isRecorded?: boolean } = {},
): Promise<Result> {
  const { isRecorded = false, ...keys } = more;
  const output: Output = { format, schema: null, mime: "", maxBytes: 32 * 1024, stderr: "auto", ...keys };
  const recorder = createRecorder(output.maxBytes);
  void recorder.write(Buffer.from(stdout));
  const printed: Printed = {
    stdout: recorder.capture(),
    output,
    clean: createCleaner([]),
    hint: "narrow the call to see them",
    uri: "mcpfier://calls/x/stdout",
    isRecorded,
  };
  return formats[format].read(printed);
}

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const WAV = Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt "), Buffer.alloc(28)]);

it.each([
  ["json", '{"id":1234567890123456789,"f":1.10}', "the output holds the number 1234567890123456789"],
  ["json", "[1e400]", "the output holds the number 1e400"],
  ["jsonl", "1\n-9007199254740993\n", "line 2 of the output holds the number -9007199254740993"],
] as const)("a number that would lose digits is told, and shown as it is: %s %s", async (format, stdout, fault) => {
  const result = await read(format, stdout);
  expect(result).toMatchObject({ structured: undefined, isError: false, excerpt: { text: stdout } });
  expect(result.fault).toBe(`${fault}, which would lose digits as data, so that it is shown as text only`);
  expect(await read(format, stdout, { schema: {} })).toMatchObject({ structured: undefined, isError: true });
});

it("numbers that lose nothing are data", async () => {
  const text = '[9007199254740991,-1,1.10,1e5,0.1000000000000000055,"1234567890123456789"]';
  expect((await read("json", text)).structured).toEqual(JSON.parse(text));
});

describe("json", () => {
  it("keeps values as JSON has them, numbers at their bounds too", async () => {
    const text = '{"a":-0,"b":-9007199254740992,"c":[1e308,5e-324],"d":null,"e":"é\\n"}';
    const { shown } = await call({ format: "json" }, { stdout: text });
    expect(shown).toMatchObject({ text, fault: "", isError: false });
    expect(shown.structured).toEqual(JSON.parse(text));
    expect(Object.is((shown.structured as { a: number }).a, -0)).toBe(true);
  });

  it("a key of the name __proto__ is a key, and changes no other object", async () => {
    const { structured } = await read("json", '{"__proto__":{"polluted":true},"constructor":1}');
    expect(Object.keys(structured as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(structured)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("of 64 levels is taken, of more it is text with a note, however many", async () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect((await read("json", nested(64))).fault).toBe("");
    expect(await read("json", nested(65))).toMatchObject({
      structured: undefined,
      fault: "the output is JSON of more than 64 levels",
    });
    const { fault } = await read("json", nested(300_000), { maxBytes: 1024 ** 2 });
    expect(fault).toBe("the output is JSON of more than 64 levels");
  });

  it("may begin with a byte order mark", async () => {
    expect((await read("json", "\uFEFF[1]")).structured).toEqual([1]);
  });

  it("that does not parse is text with a note in one line, and an error only where a schema is promised", async () => {
    const stdout = '{"a":\n oops}';
    const free = await call({ format: "json" }, { stdout });
    expect(free.shown.text).toMatch(/^the output is not JSON \(.*\)\n\n\{"a":\n oops\}$/);
    expect(free.shown).toMatchObject({ isError: false, structured: undefined });
    const promised = await call({ format: "json", schema: { type: "object" } }, { stdout });
    expect(promised.kind).toBe("completed");
    expect(promised.shown).toMatchObject({ isError: true, structured: undefined });
  });

  it("longer than `max` is not parsed: head and tail, a note, and `truncated` among the facts", async () => {
    const stdout = JSON.stringify(
      Array.from({ length: 1000 }, (_, index) => `entry ${index}`),
      null,
      1,
    );
    const outcome = await call({ format: "json", max: "1KiB" }, { stdout });
    expect(outcome.shown.text).toMatch(
      /^the output is longer than 1024 bytes and is not parsed as JSON\n\n\[\n "entry 0"[\s\S]*bytes left out[\s\S]*"entry 999"\n\]$/,
    );
    expect(outcome.shown.structured).toBeUndefined();
    expect(callFacts(outcome)).toMatchObject({ truncated: true, stdoutBytes: stdout.length });
    expect(callFacts(await call({ format: "json" }, { stdout: "[]" }))).not.toHaveProperty("truncated");
  });

  it("never hides a failing command's own error", async () => {
    const outcome = await call(
      { format: "json", schema: { type: "object" } },
      { stdout: "half {", stderr: "disk full\n", exit: 3 },
    );
    expect(outcome.shown.text).toBe("failed: exit code 3\n\nstderr:\ndisk full\n\nstdout:\nhalf {");
    expect(outcome.shown).toMatchObject({ fault: "", isError: true });
  });

  it("tells at most 20 things that do not fit its schema", async () => {
    const schema = { type: "array", items: { type: "integer" } };
    const { fault, structured, isError } = await read("json", JSON.stringify(Array(50).fill("x")), { schema });
    expect({ structured, isError }).toEqual({ structured: undefined, isError: true });
    expect(fault.split("\n")).toHaveLength(22);
    expect(fault).toMatch(/^the output does not fit the tool's schema:\n0: must be integer[\s\S]*\nand 30 more$/);
  });

  it("property: is the value that JSON.parse gives, whatever it is, with texts as a model may read them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        const text = JSON.stringify(value);
        const { structured, fault } = await read("json", text);
        expect(fault).toBe("");
        expect(JSON.stringify(structured)).toBe(JSON.stringify(cleaned(JSON.parse(text))));
      }),
      { numRuns: 2000 },
    );
  });
});

/** An oracle for the cleaning of structured results. */
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [plainText(key), cleaned(inner)]));
}

describe("jsonl", () => {
  it("is the list of the values of its lines, empty lines and CRLF aside", async () => {
    const { structured } = await read("jsonl", '{"a":1}\r\n\n  \n[2]\n"three"\nnull');
    expect(structured).toEqual([{ a: 1 }, [2], "three", null]);
    expect((await read("jsonl", "")).structured).toEqual([]);
  });

  it("tells the line that is none", async () => {
    const { shown } = await call({ format: "jsonl" }, { stdout: '{"a":1}\n\n{"a":\n' });
    expect(shown.text).toMatch(/^line 3 of the output is not JSON \(.*\)\n\n\{"a":1\}/);
    expect(shown.structured).toBeUndefined();
  });

  it("its schema is that of the whole list", async () => {
    const schema = { type: "array", maxItems: 1, items: { type: "object", required: ["a"] } };
    expect((await read("jsonl", '{"a":1}', { schema })).fault).toBe("");
    expect((await read("jsonl", '{"a":1}\n{"b":1}', { schema })).fault).toMatch(
      /\nthe result: must NOT have more than 1 items.*\n1\.a: is required/,
    );
  });

  it("counts the levels of each value, with the list around them", async () => {
    expect((await read("jsonl", "[".repeat(64) + "]".repeat(64))).fault).toMatch(/more than 64 levels/);
    expect((await read("jsonl", "[".repeat(63) + "]".repeat(63))).fault).toBe("");
  });
});

describe("csv", () => {
  it("is the list of its rows, named by the first", async () => {
    const stdout = '\uFEFFname,quote\r\nAda,"said ""hi"",\r\nand left"\r\nGrace,\r\n';
    const { shown } = await call({ format: "csv" }, { stdout });
    expect(shown.structured).toEqual([
      { name: "Ada", quote: 'said "hi",\nand left' },
      { name: "Grace", quote: "" },
    ]);
    expect((await read("csv", "")).structured).toEqual([]);
    expect((await read("csv", "a,b\n")).structured).toEqual([]);
  });

  it.each([
    [
      "a row that is too short",
      'a,b\n1,"x\ny"\n3\n',
      "line 4: expected 2 values, as many as there are columns, came 1",
    ],
    ["a row that is too long", "a,b\n1,2,3\n", "line 2: expected 2 values, as many as there are columns, came 3"],
    ["an empty line", "a,b\n\n1,2\n", "line 2: expected 2 values, as many as there are columns, came 1"],
    ["a column without a name", "a,,c\n1,2,3\n", "line 1: column 2 has no name"],
    ["two columns of one name", "a,b,a\n1,2,3\n", 'line 1: two columns have the name "a"'],
    ["an open quote", 'a,b\n1,"2\n', "line 2: the output ends inside a quoted value"],
    ["a quote inside", 'a,b\n1,x"y\n', "line 2: a value that holds a quote must stand in quotes"],
    ["text after a quote", 'a,b\n1,"x"y\n', "line 2: expected a comma or the end of the line"],
  ])("tells of %s, with its line", async (_what, text, why) => {
    const { fault, structured } = await read("csv", text);
    expect(structured).toBeUndefined();
    expect(fault).toMatch(/^the output is not CSV \(.*\)$/);
    expect(fault).toContain(why);
  });

  it("takes a row of very many columns", async () => {
    const names = Array.from({ length: 100_000 }, (_none, at) => at + 1);
    const much = { maxBytes: 1024 ** 2 };
    expect(await read("csv", names.join(","), much)).toMatchObject({ fault: "", structured: [] });
    expect((await read("csv", `${names.join(",")},7`, much)).fault).toContain('two columns have the name "7"');
    expect((await read("csv", `${names.join(",")}\n1\n2`, much)).fault).toContain("takes more than 1048576 bytes");
  });

  it("a column of the name __proto__ is a column", async () => {
    const rows = (await read("csv", "__proto__,toString\na,b\n")).structured as object[];
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ["__proto__", "a"],
      ["toString", "b"],
    ]);
  });

  it("few bytes that stand for many, as each row repeats the names, are text only", async () => {
    const { fault, excerpt } = await read("csv", `${"n".repeat(16_000)}\n${"1\n".repeat(8000)}`);
    expect(fault).toBe(
      "as a structured result the output takes more than 32768 bytes, so that it is shown as text only",
    );
    expect(excerpt.cut).toBe(false);
  });

  it("a fault never quotes more than a line of the output", async () => {
    const { fault } = await read("csv", `a,b\n${"x".repeat(20_000)}"y,2\n`);
    expect(fault.length).toBeLessThan(400);
  });

  it("property: any table that is written by RFC 4180 is read back", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", " ", ",", '"', "\n", "1", ";", "'") });
    const tables = fc
      .uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", "é"), minLength: 1 }).filter(isName), {
        minLength: 1,
        maxLength: 5,
      })
      .chain((columns) =>
        fc.record({
          columns: fc.constant(columns),
          rows: fc.array(fc.array(cell, { minLength: columns.length, maxLength: columns.length }), { maxLength: 8 }),
          end: fc.constantFrom("\n", "\r\n"),
          last: fc.boolean(),
        }),
      );
    await fc.assert(
      fc.asyncProperty(tables, async ({ columns, rows, end, last }) => {
        // One empty cell alone, unquoted at the very end, is no row.
        const quote = (text: string): string =>
          /[",\n\r]/.test(text) || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
        const text = [columns, ...rows].map((row) => row.map(quote).join(",")).join(end) + (last ? end : "");
        const { structured, fault } = await read("csv", text);
        expect(fault).toBe("");
        expect(structured).toEqual(rows.map((row) => Object.fromEntries(row.map((one, at) => [columns[at], one]))));
      }),
      { numRuns: 2000 },
    );
  });
});

function isName(text: string): boolean {
  return text.trim() !== "";
}

describe("image and audio", () => {
  it.each([
    ["image", "image/png", PNG],
    ["image", "image/jpeg", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1])],
    ["image", "image/gif", Buffer.from("GIF89a\u0001\0")],
    ["image", "image/webp", Buffer.from("RIFF\u0010\0\0\0WEBPVP8 ")],
    ["image", "image/avif", Buffer.from("\0\0\0\u001cftypavif\0\0")],
    ["audio", "audio/wav", WAV],
    ["audio", "audio/mpeg", Buffer.from("ID3\u0004\0\0")],
    ["audio", "audio/mpeg", Buffer.from([0xff, 0xfb, 0x90, 0])],
    ["audio", "audio/ogg", Buffer.from("OggS\0\u0002")],
    ["audio", "audio/flac", Buffer.from("fLaC\0\0")],
  ] as const)("%s: bytes of %s are passed on, told by their beginning", async (format, mime, bytes) => {
    const outcome = await call({ format }, { stdout: bytes, stderr: "a warning\n" });
    expect(outcome.shown).toEqual({
      content: [{ kind: format, mime, base64: bytes.toString("base64") }],
      text: "",
      structured: undefined,
      fault: "",
      isError: false,
      bytes: bytes.length,
      cut: [],
    });
  });

  it("stderr stands after it with `stderr: show` only, and no more of it than of other text", async () => {
    const { shown } = await call({ format: "image", stderr: "show" }, { stdout: PNG, stderr: "line\n".repeat(20_000) });
    expect(shown.content).toHaveLength(1);
    expect(shown.text).toMatch(/^line\n[\s\S]*bytes left out/);
    expect(Buffer.byteLength(shown.text)).toBeLessThan(33 * 1024);
  });

  it("SVG has no beginning of its own: `mime` makes it an image, and text that is no SVG stays none", async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
    expect((await read("image", svg)).isError).toBe(true);
    const told = await read("image", svg, { mime: "image/svg+xml" });
    expect(told.content).toEqual([
      { kind: "image", mime: "image/svg+xml", base64: Buffer.from(svg).toString("base64") },
    ]);
    expect((await read("image", "cannot open display", { mime: "image/svg+xml" })).isError).toBe(true);
  });

  it("what the bytes tell counts before `mime`, and what we cannot tell is as `mime` says unless it is text", async () => {
    expect((await read("image", PNG, { mime: "image/jpeg" })).content).toMatchObject([{ mime: "image/png" }]);
    const tiff = Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0xff]);
    expect((await read("image", tiff, { mime: "image/tiff" })).content).toMatchObject([{ mime: "image/tiff" }]);
    expect((await read("image", tiff, { mime: "image/png" })).isError).toBe(true);
    expect((await read("image", "oops", { mime: "image/tiff" })).isError).toBe(true);
  });

  it.each([
    ["text", "cannot open display\n", 'has 20 bytes, of text that begins with "cannot open display\\n"'],
    ["a sound", WAV, `has ${WAV.length} bytes, of the type audio/wav`],
    ["something else", Buffer.from([0, 1, 254, 255]), "has 4 bytes, beginning with 00 01 fe ff"],
    ["nothing", "", "has no bytes"],
  ])("%s in its place is an error that says what came, and shows stderr", async (_what, stdout, words) => {
    const { callId, kind, shown } = await call({ format: "image" }, { stdout, stderr: "why it is so\n" });
    expect(kind).toBe("completed");
    expect(shown).toMatchObject({ isError: true, content: [] });
    const where = stdout.length === 0 ? "" : `; the whole of it is at mcpfier://calls/${callId}/stdout`;
    expect(shown.text).toBe(`the output is not an image: it ${words}${where}\n\nwhy it is so`);
  });

  it("more than `max` is an error that says how much, and where the whole of it is", async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(2000)]);
    const { callId, shown } = await call({ format: "image", max: "1KiB" }, { stdout: large });
    expect(shown).toMatchObject({ isError: true, content: [], cut: ["stdout"] });
    expect(shown.fault).toBe(
      `the output is longer than 1024 bytes and is not shown: it has ${large.length.toLocaleString("en-US")} bytes, of the type image/png; the whole of it is at mcpfier://calls/${callId}/stdout`,
    );
    const unrecorded = await read("image", large, { maxBytes: 1024, isRecorded: false });
    expect(unrecorded.fault).toMatch(/of the type image\/png$/);
  });

  it("takes up to 1 MiB when nothing is said", async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(1024 ** 2 - PNG.length)]);
    expect((await call({ format: "image" }, { stdout: large })).shown).toMatchObject({
      bytes: 1024 ** 2,
      isError: false,
    });
    expect((await call({ format: "image" }, { stdout: Buffer.concat([large, PNG]) })).shown.isError).toBe(true);
  });

  it("a command that fails tells why, and its bytes are not shown as text", async () => {
    const { shown } = await call({ format: "image" }, { stdout: PNG, stderr: "half of it\n", exit: 2 });
    expect(shown.text).toBe(
      `failed: exit code 2\n\nstderr:\nhalf of it\n\nstdout:\n(${PNG.length} bytes, of the type image/png)`,
    );
    const words = await call({ format: "image" }, { stdout: "no such font\n", exit: 2 });
    expect(words.shown.text).toBe("failed: exit code 2\n\nstdout:\nno such font");
  });
});

describe("file", () => {
  it.each([
    ["text", "a\u001b[1mb\n", "", "text/plain", { text: "ab\n" }],
    ["text of a type", "{}", "application/json", "application/json", { text: "{}" }],
    ["text of a type that is none", "%!PS", "application/postscript", "application/postscript", { base64: "JSFQUw==" }],
    ["what its beginning tells", "%PDF-1.7", "", "application/pdf", { base64: "JVBERi0xLjc=" }],
    ["bytes", Buffer.from([0, 255]), "", "application/octet-stream", { base64: "AP8=" }],
    ["bytes that are said to be text", Buffer.from([97, 255]), "text/plain", "text/plain", { base64: "Yf8=" }],
    ["nothing", "", "", "text/plain", { text: "" }],
  ])("%s is the content of a resource", async (_what, stdout, mime, type, body) => {
    const outcome = await call({ format: "file", ...(mime === "" ? {} : { mime }) }, { stdout });
    const uri = `mcpfier://calls/${outcome.callId}/stdout`;
    expect(outcome.shown.content).toEqual([{ kind: "resource", uri, mime: type, body }]);
    expect(outcome.shown).toMatchObject({ text: "", isError: false });
  });

  it("of more than `max` bytes is an error", async () => {
    const { shown } = await call({ format: "file", max: "256B" }, { stdout: "x".repeat(257) });
    expect(shown).toMatchObject({ isError: true, cut: ["stdout"], content: [] });
  });
});

describe("mcp", () => {
  const blocks = [
    { type: "text", text: "a\u001b[31mb\u202e", annotations: { audience: ["user"], priority: 0.5, more: 1 } },
    {
      type: "image",
      data: `${PNG.toString("base64").slice(0, 40)}\n${PNG.toString("base64").slice(40)}`,
      mimeType: "image/png",
    },
    { type: "audio", data: WAV.toString("base64"), mimeType: "audio/wav" },
    { type: "resource_link", uri: "file:///a", name: "a", size: 3, icons: [], _meta: { x: 1 } },
    { type: "resource", resource: { uri: "file:///b", text: "b\u0007", mimeType: "text/plain", _meta: {} } },
    { type: "resource", resource: { uri: "file:///c", blob: "AA==" } },
  ];
  const pieces = [
    { kind: "text", text: "ab", annotations: { audience: ["user"], priority: 0.5 } },
    { kind: "image", mime: "image/png", base64: PNG.toString("base64") },
    { kind: "audio", mime: "audio/wav", base64: WAV.toString("base64") },
    { kind: "link", uri: "file:///a", name: "a", title: "", description: "", mime: "", size: 3 },
    { kind: "resource", uri: "file:///b", mime: "text/plain", body: { text: "b" } },
    { kind: "resource", uri: "file:///c", mime: "", body: { base64: "AA==" } },
  ];

  it("a list of blocks is the content, cleaned, with nothing else than what blocks have", async () => {
    const { shown } = await call({ format: "mcp" }, { stdout: JSON.stringify(blocks) });
    expect(shown).toMatchObject({ content: pieces, text: "", structured: undefined, isError: false, cut: [] });
  });

  it("an object may also hold structured content, and say that it is an error, while the command completed", async () => {
    const stdout = JSON.stringify({ content: blocks.slice(0, 1), structuredContent: { a: 1 }, isError: true, x: 1 });
    const outcome = await call({ format: "mcp" }, { stdout });
    expect(outcome.kind).toBe("completed");
    expect(outcome.shown).toMatchObject({
      content: pieces.slice(0, 1),
      structured: { a: 1 },
      isError: true,
      fault: "",
    });
    expect(toResult(outcome, undefined)).toMatchObject({ isError: true, structuredContent: { a: 1 } });
  });

  it("structured content alone is also said as text", async () => {
    const { content, structured } = await read("mcp", '{"structuredContent":{"a":1}}');
    expect({ content, structured }).toEqual({ content: [{ kind: "text", text: '{"a":1}' }], structured: { a: 1 } });
  });

  it("no blocks are no output", async () => {
    const { shown } = await call({ format: "mcp" }, { stdout: "[]" });
    expect(shown).toMatchObject({ content: [], text: "(no output)", isError: false });
  });

  it("tells every problem of what it is not, and shows it", async () => {
    const stdout = JSON.stringify([
      { type: "txt", text: "x" },
      { type: "text" },
      { type: "image", data: 1, mimeType: "" },
      { type: "resource_link", uri: "nowhere", name: "n" },
      { type: "resource", resource: { uri: "a:b" } },
      "text",
    ]);
    const { shown } = await call({ format: "mcp" }, { stdout });
    const [head, ...lines] = shown.fault.split("\n");
    expect(head).toBe("the output is no result of a tool:");
    expect(lines).toEqual([
      expect.stringMatching(/^content\.0\.type: must be one of "text", .*, came "txt"$/),
      "content.1.text: is required, and was not given",
      expect.stringMatching(/^content\.2\.data: must be string, came 1$/),
      expect.stringMatching(/^content\.2\.mimeType: must NOT have fewer than 1 characters/),
      expect.stringMatching(/^content\.3\.uri: must match format "uri", came "nowhere"$/),
      "content.4.resource.text: is required, and was not given",
      expect.stringMatching(/^content\.5: must be object, came "text"$/),
    ]);
    expect(shown.text).toContain(stdout);
    expect(shown).toMatchObject({ isError: true, content: [] });
  });

  it.each([
    ["an object without content", '{"result":1}', "content: is required"],
    ["a value", "3", "the output: must be object, came 3"],
    [
      "bytes that are no base64",
      '[{"type":"audio","data":"a!","mimeType":"audio/wav"}]',
      "content.0.data: must be base64",
    ],
    [
      "a blob that is none",
      '[{"type":"resource","resource":{"uri":"a:b","blob":"a"}}]',
      "content.0.resource.blob: must be base64",
    ],
    [
      "a resource with two bodies",
      '[{"type":"resource","resource":{"uri":"a:b","blob":"","text":""}}]',
      "content.0.resource: has both",
    ],
    ["no JSON", "hello", "the output is not JSON"],
  ])("%s is an error", async (_what, text, why) => {
    const { fault, isError } = await read("mcp", text);
    expect(isError).toBe(true);
    expect(fault).toContain(why);
  });

  it("a failing command's own error comes before what it printed", async () => {
    const { shown } = await call({ format: "mcp" }, { stdout: JSON.stringify(blocks), stderr: "no\n", exit: 1 });
    expect(shown.content).toEqual([]);
    expect(shown.text).toMatch(/^failed: exit code 1\n\nstderr:\nno\n\nstdout:\n\[/);
  });
});

/** Every text in a value, names of keys too. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key].concat(stringsOf(inner)));
}

describe("what is sent", () => {
  const sent = (outcome: Outcome): string => JSON.stringify(toResult(outcome, undefined));

  it.each([
    ["NUL", "\0", 700],
    ["bytes that are no UTF-8", "\xff", 33_500],
    ["escapes", "\u001b", 700],
    ["quotes", '"', 66_500],
  ])("stays within the budget for 1 MB of %s", async (_what, unit, most) => {
    const outcome = await call({}, { stdout: Buffer.alloc(1024 ** 2, Buffer.from(unit, "latin1")) });
    expect(sent(outcome).length).toBeLessThan(most);
    expect(outcome.shown.bytes).toBeLessThanOrEqual(32 * 1024);
  });

  it("property: no format sends more than its budget, whatever is printed", async () => {
    const pieces = fc.constantFrom(
      '{"a":',
      "[",
      "]",
      "}",
      '"',
      "1e20",
      ",",
      "\n",
      "\0",
      "\u202e",
      "é",
      "a,b",
      "\\u0000",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("json", "jsonl", "csv", "mcp") as fc.Arbitrary<Output["format"]>,
        fc.array(pieces, { maxLength: 200 }),
        async (format, some) => {
          const { structured, excerpt, fault, content } = await read(format, some.join(""), { maxBytes: 256 });
          expect(excerpt.bytes).toBeLessThanOrEqual(256);
          expect(Buffer.byteLength(JSON.stringify(structured) ?? "")).toBeLessThanOrEqual(256);
          expect(fault.length).toBeLessThan(20 * 320);
          expect(content).toEqual([]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("holds nothing hidden, in no format", async () => {
    const hidden = "a\u202e\u200b\u{E0041}\u009b31m\u001b]52;c;eA==\u0007b";
    const cases: readonly (readonly [Output["format"], string])[] = [
      ["text", hidden],
      ["json", JSON.stringify({ [hidden]: hidden })],
      ["json", '{"a\\u202e":"\\u200b\\u001b[31mb"}'],
      ["jsonl", JSON.stringify(hidden)],
      ["csv", `${hidden}\n${hidden}\n`],
      ["file", hidden],
      ["mcp", JSON.stringify([{ type: "text", text: hidden }])],
      ["json", `{"a": ${hidden}`],
      ["csv", `a,b\n1,${hidden}"x\n`],
      ["image", hidden],
    ];
    for (const [format, stdout] of cases) {
      for (const text of stringsOf(toResult(await call({ format }, { stdout }), undefined)))
        expect(plainText(text), format).toBe(text);
    }
  });

  it("holds no secret, though it comes together only where escapes are undone or sequences are removed", async () => {
    const secret = 'canary"8c\\1f';
    const cases: readonly (readonly [Output["format"], string])[] = [
      ["text", `found: ${secret.slice(0, 6)}\u001b[31m${secret.slice(6)}\u001b[0m\n`],
      ["text", `${secret.slice(0, 4)}\u200b${secret.slice(4)}`],
      ["json", JSON.stringify({ [secret]: [secret] })],
      ["json", `{"a":"${Array.from(secret, (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join("")}"}`],
      ["jsonl", `${JSON.stringify(secret)}\n`],
      ["csv", `a\n"${secret.replaceAll('"', '""')}"\n`],
      ["mcp", JSON.stringify([{ type: "text", text: secret }])],
      ["file", `${secret.slice(0, 4)}\u200b${secret.slice(4)}`],
      ["csv", `a,b\n"${secret.replaceAll('"', '""')}"\n`],
    ];
    for (const [format, stdout] of cases) {
      const outcome = await call({ format }, { stdout, env: { API_TOKEN: secret } });
      const forms = [secret, JSON.stringify(secret).slice(1, -1), secret.replaceAll('"', '""')];
      for (const text of stringsOf(toResult(outcome, undefined)))
        for (const form of forms) expect(text, `${format} ${stdout}`).not.toContain(form);
      expect(sent(outcome), `${format} ${stdout}`).toContain("[redacted]");
    }
  });

  it("says how many places of a structured text were no UTF-8", async () => {
    const { shown } = await call({ format: "json" }, { stdout: Buffer.from([0x22, 0xff, 0xe2, 0x82, 0x22]) });
    expect(shown.structured).toBe("\uFFFD\uFFFD");
    expect(shown.text).toMatch(/\[2 places that are not UTF-8 are shown as \uFFFD\]$/);
  });
});
