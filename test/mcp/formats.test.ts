import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder } from "../rig.ts";
import { clients } from "./clients.ts";
import { raw } from "./raw.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const WAV = Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt "), Buffer.alloc(28)]).toString("base64");

const BLOCKS = [
  { type: "text", text: "words", annotations: { audience: ["user"], priority: 1 } },
  { type: "image", data: PNG, mimeType: "image/png" },
  { type: "audio", data: WAV, mimeType: "audio/wav" },
  { type: "resource_link", uri: "file:///a.txt", name: "a.txt", title: "A", description: "The first.", size: 3 },
  { type: "resource", resource: { uri: "file:///b.txt", text: "b", mimeType: "text/plain" } },
  { type: "resource", resource: { uri: "file:///c.bin", blob: "AP8=" } },
];

const ROWS = {
  type: "array",
  items: { $ref: "#/$defs/row" },
  $defs: { row: { type: "object", required: ["name"], properties: { name: { type: "string" } } } },
};

function command(name: string, script: string, output: object): object {
  return { name, description: "Prints.", effect: "read", shell: "sh", run: script, output };
}

const CATALOGUE = JSON.stringify({
  name: "formats",
  commands: [
    command("image", `echo ${PNG} | base64 -d`, { format: "image" }),
    command("audio", `echo ${WAV} | base64 -d`, { format: "audio" }),
    command("no_image", "echo cannot open display", { format: "image" }),
    command("text_file", "printf 'a\\nb\\n'", { format: "file", mime: "text/plain" }),
    command("binary_file", "printf '%%PDF-1.7'", { format: "file" }),
    command("rows", "printf 'name,age\\nAda,36\\n'", { format: "csv", schema: ROWS }),
    command("other_rows", "printf 'nom,age\\nAda,36\\n'", { format: "csv", schema: ROWS }),
    command("lines", 'printf \'{"name":"Ada"}\\n\\n{"name":"Grace"}\\n\'', { format: "jsonl", schema: ROWS }),
    command("free_lines", "printf '1\\n2\\n'", { format: "jsonl" }),
    command("blocks", `printf '%s' '${JSON.stringify(BLOCKS)}'`, { format: "mcp" }),
    command("result", `printf '%s' '{"content":[],"structuredContent":{"a":1},"isError":true}'`, { format: "mcp" }),
  ],
});

function catalogue(): string {
  const file = join(folder(), "mcpfier.yaml");
  writeFileSync(file, CATALOGUE);
  return file;
}

describe.each(clients)("$name takes results that are not text", ({ open }) => {
  test("pictures, sounds, files, rows, lines, and blocks of the command's own", { timeout: 120_000 }, async () => {
    const session = await open(catalogue());
    // The clients remember the schemas of a listing, and check results against them.
    await session.tools();
    expect((await session.call("image", {})).content).toEqual([{ type: "image", data: PNG, mimeType: "image/png" }]);
    expect((await session.call("audio", {})).content).toEqual([{ type: "audio", data: WAV, mimeType: "audio/wav" }]);
    expect((await session.call("text_file", {})).content).toEqual([
      { type: "resource", resource: { uri: expect.any(String), mimeType: "text/plain", text: "a\nb\n" } },
    ]);
    const binary = await session.call("binary_file", {});
    const uri = `mcpfier://calls/${String(binary._meta?.["mcpfier/call"]?.["id"])}/stdout`;
    expect(binary.content).toEqual([
      { type: "resource", resource: { uri, mimeType: "application/pdf", blob: "JVBERi0xLjc=" } },
    ]);
    const missing = await session.call("no_image", {});
    expect(missing).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^the output is not an image/) }, { type: "resource_link" }],
    });
    expect((await session.call("rows", {})).structuredContent).toEqual({ result: [{ name: "Ada", age: "36" }] });
    expect((await session.call("lines", {})).structuredContent).toEqual({
      result: [{ name: "Ada" }, { name: "Grace" }],
    });
    expect((await session.call("free_lines", {})).structuredContent).toEqual({ result: [1, 2] });
    const other = await session.call("other_rows", {});
    expect(other).toMatchObject({ isError: true });
    expect(other.content[0]?.text).toMatch(/does not fit the tool's schema:\n0\.name: is required/);
    expect((await session.call("blocks", {})).content).toEqual(BLOCKS);
    expect(await session.call("result", {})).toMatchObject({
      isError: true,
      structuredContent: { a: 1 },
      content: [{ type: "text", text: '{"a":1}' }],
    });
  });
});

describe("clients of older revisions get as text what they do not know", () => {
  async function called(revision: string, tool: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const session = await raw(CATALOGUE, {}, { protocolVersion: revision });
    expect(session.messages()[0]?.result?.["protocolVersion"]).toBe(revision);
    session.call(1, tool, {});
    return (await session.answer(1)).result;
  }

  const link = { type: "text", text: "A: file:///a.txt\nThe first." };
  const sound = { type: "text", text: expect.stringMatching(/^\[a sound of 44 bytes, audio\/wav, which /) };

  test.each([
    ["2024-11-05", sound, link],
    ["2025-03-26", BLOCKS[2], link],
    ["2025-06-18", BLOCKS[2], BLOCKS[3]],
    ["2025-11-25", BLOCKS[2], BLOCKS[3]],
  ])("%s", async (revision, audio, resource) => {
    const [text, image, , , ...resources] = BLOCKS;
    expect((await called(revision, "blocks"))?.["content"]).toEqual([text, image, audio, resource, ...resources]);
    const rows = await called(revision, "rows");
    expect(rows?.["content"]).toEqual([{ type: "text", text: "name,age\nAda,36\n" }]);
    expect("structuredContent" in (rows ?? {})).toBe(revision >= "2025-06-18");
  });
});

test("a schema that is wrapped still finds its definitions", async () => {
  const session = await raw(CATALOGUE);
  session.send({ id: 1, method: "tools/list" });
  const tools = (await session.answer(1)).result?.["tools"] as readonly Readonly<Record<string, unknown>>[];
  const { $defs, ...result } = ROWS;
  expect(tools.find((tool) => tool["name"] === "rows")?.["outputSchema"]).toEqual({
    type: "object",
    properties: { result },
    required: ["result"],
    $defs,
  });
  expect(tools.filter((tool) => "outputSchema" in tool).map((tool) => tool["name"])).toEqual([
    "rows",
    "other_rows",
    "lines",
  ]);
});

test("a dry run of a tool that promises a structure is marked, so that clients take it", async () => {
  const session = await raw(CATALOGUE);
  session.call(1, "rows", {}, { "mcpfier/dryRun": true });
  expect((await session.answer(1)).result).toMatchObject({ isError: true });
  session.call(2, "image", {}, { "mcpfier/dryRun": true });
  expect((await session.answer(2)).result?.isError).toBeUndefined();
});
