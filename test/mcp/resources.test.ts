// Resources of the catalogue, as the official clients see them.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchUri, parseUri } from "../../src/command/uri.ts";
import { folder, mcpfier } from "../rig.ts";
import { KINDS, type Talker, talk } from "./talker.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const CANARY = "canary-77aa";
const LEAK = "leak-77ab";

const YAML = `
commands:
  - name: show
    description: d
    effect: read
    run: [printf, "<%s>", "\${{ word }}", "\${{ more }}"]
    params: { word: { type: string, leading_dash: allow }, more: { type: integer } }
  - { name: picture, description: d, effect: read, run: [cat, logo.png], output: { format: image } }
  - { name: rows, description: d, effect: read, run: [echo, '{"a":1}'], output: { format: json } }
  - { name: silent, description: d, effect: read, run: ["true"] }
  - { name: fail, description: d, effect: read, shell: sh, run: 'echo "no $KEY"; exit 3', env: { KEY: "\${MCPFIER_SECRET:-none-at-all}" } }
resources:
  - { uri: "docs:///readme", name: readme, title: R, description: D, file: docs/guide.md, audience: [user], priority: 0.5 }
  - { uri: "docs:///logo", name: logo, file: logo.png }
  - { uri: "docs:///swapped", name: swapped, file: swapped }
  - { uri: "docs:///small", name: small, file: docs/guide.md, max: 3B }
  - { uri: "docs:///all/", name: all, folder: docs, files: ["**/*.md", "top", "link*", "**/.spelt"] }
  - { uri: "docs:///gone/", name: gone, folder: gone }
  - { uri: "src:///{+path}", name: source, file: "\${{ path }}", params: { path: { type: path, within: [docs], exists: file } } }
  - { uri: "say:///{word}/end{?more}", name: say, command: show, args: { word: "a \${{ word }}", more: "\${{ more }}" }, params: { word: { enum: [x, yy] }, more: { type: integer } } }
  - { uri: "any:///{+word}", name: any, command: show, args: { word: "\${{ word }}" }, params: { word: { type: string } } }
  - { uri: "run:///picture", name: picture, command: picture }
  - { uri: "run:///rows", name: rows, command: rows, mime: application/json }
  - { uri: "run:///silent", name: silent, command: silent, mime: text/csv }
  - { uri: "run:///fail", name: fail, command: fail }
prompts:
  - name: send
    params: { file: { type: string, default: guide.md }, uri: { type: string } }
    messages:
      - resource: docs:///logo
      - resource: docs:///all/\${{ file }}
      - resource: \${{ uri }}
`;

function place(): string {
  const path = folder({
    "mcpfier.yaml": YAML,
    "docs/guide.md": `# Guide ${CANARY}\u202E\n`,
    "docs/a b%2F#?.md": "odd\n",
    "docs/sub/x.md": "x\n",
    "docs/sub/.hidden.md": LEAK,
    "docs/.git/config.md": LEAK,
    "docs/sub/.spelt": "spelt\n",
    "docs/other.txt": "other\n",
    "docs/top": Buffer.from([0xff, 0xfe]).toString("latin1"),
    secret: LEAK,
    swapped: "fine\n",
  });
  writeFileSync(join(path, "logo.png"), PNG);
  symlinkSync("../secret", join(path, "docs/link-out"));
  symlinkSync("sub/x.md", join(path, "docs/link-in"));
  symlinkSync("..", join(path, "docs/link-up"));
  symlinkSync(".", join(path, "docs/link-circle"));
  rmSync(join(path, "swapped"));
  symlinkSync("/etc/passwd", join(path, "docs/link.md"));
  writeFileSync(join(path, "swapped"), "fine\n");
  return path;
}

const file = (path: string): string => join(path, "mcpfier.yaml");

const BELOW = ["a%20b%252F%23%3F.md", "guide.md", "link-in", "sub/.spelt", "sub/x.md", "top"].map(
  (each) => `docs:///all/${each}`,
);

async function read(talker: Talker, uri: string): Promise<unknown> {
  const { contents } = await talker.readResource({ uri });
  expect(contents).toHaveLength(1);
  const [{ uri: told, ...rest } = { uri: "" }] = contents;
  expect(told).toBe(uri);
  return rest;
}

describe.each(KINDS)("resources, seen by %s", (kind) => {
  test("are listed, read, refused and completed", async () => {
    const path = place();
    const talker = await talk(kind, file(path), { MCPFIER_SECRET: CANARY });
    const { resources } = await talker.listResources();
    const fixed = ["readme", "logo", "swapped", "small", "all/"].map((name) => `docs:///${name}`);
    const run = ["picture", "rows", "silent", "fail"].map((name) => `run:///${name}`);
    expect(resources.map(({ uri }) => uri)).toEqual([...fixed, ...BELOW, "docs:///gone/", ...run]);
    expect(resources[0]).toEqual({
      uri: "docs:///readme",
      name: "readme",
      title: "R",
      description: "D",
      annotations: { audience: ["user"], priority: 0.5 },
    });
    const { resourceTemplates } = await talker.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      "docs:///all/{+path}",
      "docs:///gone/{+path}",
      "src:///{+path}",
      "say:///{word}/end{?more}",
      "any:///{+word}",
      "mcpfier://calls/{id}/{stream}{?offset,length,grep,raw}",
    ]);
    await checkRead(talker);
    await checkRefused(talker, path);
    await checkCompleted(talker);
  });
});

async function checkRead(talker: Talker): Promise<void> {
  const markdown = (text: string): object => ({ mimeType: "text/markdown", text });
  const guide = markdown("# Guide [redacted]\n");
  expect(await read(talker, "docs:///readme")).toEqual(guide);
  expect(await read(talker, "docs:///logo")).toEqual({ mimeType: "image/png", blob: PNG.toString("base64") });
  expect(await read(talker, "docs:///all/")).toEqual({
    mimeType: "text/plain",
    text: BELOW.map((each) => `${each}\n`).join(""),
  });
  expect(await read(talker, "docs:///all/guide.md")).toEqual(guide);
  expect(await read(talker, "docs:///all/a%20b%252F%23%3F.md")).toEqual(markdown("odd\n"));
  expect(await read(talker, "docs:///all/link-in")).toEqual(markdown("x\n"));
  expect(await read(talker, "src:///sub/x.md")).toEqual(markdown("x\n"));
  expect(await read(talker, "src:///sub%2Fx.md")).toEqual(markdown("x\n"));
  const said = (text: string): object => ({ mimeType: "text/plain", text });
  expect(await read(talker, "say:///yy/end")).toEqual(said("<a yy>"));
  expect(await read(talker, "say:///x/end?more=7")).toEqual(said("<a x><7>"));
  for (const word of ["${{ workspace }}", "$(id)/../..", "--help", "ü 😀"])
    expect(await read(talker, `any:///${encodeURIComponent(word)}`)).toEqual(said(`<${word}>`));
  expect(await read(talker, "run:///picture")).toEqual({ mimeType: "image/png", blob: PNG.toString("base64") });
  expect(await read(talker, "run:///rows")).toMatchObject({
    mimeType: "application/json",
    text: expect.stringContaining('{"a":1}'),
  });
  expect(await read(talker, "run:///silent")).toEqual({ mimeType: "text/csv", text: "" });
  const { messages } = await talker.getPrompt({ name: "send" });
  expect(messages.map(({ content }) => content)).toEqual([
    { type: "resource", resource: { uri: "docs:///logo", mimeType: "image/png", blob: PNG.toString("base64") } },
    { type: "resource", resource: { uri: "docs:///all/guide.md", ...guide } },
  ]);
  // What is the whole address is none that has to be written as a part of one.
  const { messages: more } = await talker.getPrompt({ name: "send", arguments: { uri: "docs:///all/guide.md" } });
  expect(more[2]?.content).toEqual(more[1]?.content);
}

async function checkRefused(talker: Talker, path: string): Promise<void> {
  const failing = async (uri: string): Promise<string> => {
    const error: unknown = await talker.readResource({ uri }).then(
      () => new Error(`${uri} was read`),
      (reason: unknown) => reason,
    );
    expect(String(error)).not.toMatch(/canary-|leak-/);
    return String(error);
  };
  expect(await failing("docs:///redme")).toMatch(
    /no resource has the address docs:\/\/\/redme; did you mean "docs:\/\/\/readme"\?/,
  );
  for (const below of [
    "../secret",
    "..%2Fsecret",
    "sub/../guide.md",
    "./guide.md",
    "%2Fetc%2Fpasswd",
    "a%00.md",
    "sub%2F.hidden.md",
  ])
    expect(await failing(`docs:///all/${below}`)).toMatch(/is not a file of docs/);
  for (const below of [".git/config.md", "other.txt", "sub//x.md", "%E0%A4%A", "guide.md?x=1", "guide.md#x"])
    expect(await failing(`docs:///all/${below}`)).toMatch(/is not a file of docs|no resource has the address/);
  for (const below of ["link-out", "link.md", "link-up"])
    expect(await failing(`docs:///all/${below}`)).toMatch(/path\.outside/);
  for (const below of ["../secret", "..%2F..%2Fsecret", "%2Fetc%2Fpasswd", "link-out", "link-up/secret"])
    expect(await failing(`src:///${below}`)).toMatch(/path\.outside/);
  expect(await failing("src:///a%00")).toMatch(/NUL/);
  expect(await failing("src:///sub")).toMatch(/is not a file; expected one/);
  expect(await failing("docs:///small")).toMatch(/larger than 3 bytes/);
  expect(await failing("docs:///gone/")).toMatch(/does not exist; expected a folder/);
  expect(await failing("say:///z/end")).toMatch(/word: must be one of "x", "yy", came "z"/);
  expect(await failing("say:///x/end?more=1.5")).toMatch(/more: expected a whole number, came "1\.5"/);
  for (const uri of ["say:///x/end?moar=1", "say:///x/end?more=1&more=2", "say:///x/y/end", "say:////end"])
    expect(await failing(uri)).toMatch(/no resource has the address/);
  expect(await failing("run:///fail")).toMatch(/the command "fail" failed: exit code 3[\s\S]*no \[redacted\]/);
  // What was fine when the catalogue was loaded is looked at again.
  expect(await read(talker, "docs:///swapped")).toMatchObject({ text: "fine\n" });
  rmSync(join(path, "swapped"));
  symlinkSync("/etc/hostname", join(path, "swapped"));
  expect(await failing("docs:///swapped")).toMatch(/path\.outside/);
  rmSync(join(path, "swapped"));
  mkdirSync(join(path, "swapped"));
  expect(await failing("docs:///swapped")).toMatch(/is not a file; expected one/);
}

async function checkCompleted(talker: Talker): Promise<void> {
  const complete = async (uri: string, name: string, value: string): Promise<unknown> =>
    (await talker.complete({ ref: { type: "ref/resource", uri }, argument: { name, value } })).completion.values;
  expect(await complete("say:///{word}/end{?more}", "word", "y")).toEqual(["yy"]);
  expect(await complete("docs:///all/{+path}", "path", "s")).toEqual(["sub/.spelt", "sub/x.md"]);
  expect(await complete("docs:///gone/{+path}", "path", "")).toEqual([]);
  expect(await complete("src:///{+path}", "path", "sub/")).toEqual(["sub/x.md"]);
  expect(await complete("src:///{+path}", "path", "../")).toEqual([]);
  await expect(complete("src:///{path}", "path", "")).rejects.toThrow(/no resource has the address/);
}

test("a folder of very many files is listed in part, and says so, in pages that clients follow", async () => {
  const path = folder({ "mcpfier.yaml": 'resources: [{ uri: "many:///", name: many, folder: many }]\n' });
  mkdirSync(join(path, "many"));
  for (let index = 0; index < 1005; index += 1)
    writeFileSync(join(path, "many", `f${String(index).padStart(4, "0")}`), "");
  const talker = await talk("SDK 2 (auto)", file(path));
  const { contents } = await talker.readResource({ uri: "many:///" });
  expect((contents[0] as { text: string }).text).toMatch(/many:\/\/\/f0999\n\(and more, which are not listed\)\n$/);
  const { resources } = await talker.listResources();
  expect(resources).toHaveLength(1001);
});

test("what calls printed stands behind the resources of the catalogue", async () => {
  const talker = await talk("SDK 2 (auto)", file(place()));
  await talker.callTool({ name: "show", arguments: { word: "x" } });
  const { resources } = await talker.listResources();
  const last = resources.at(-1);
  expect(last).toMatchObject({ name: "stdout of show" });
  expect((await talker.readResource({ uri: last?.uri ?? "" })).contents).toMatchObject([{ text: "<x>" }]);
  expect(resources.at(-2)?.uri).toBe("run:///fail");
});

test("mcpfier list shows resources below the commands", async () => {
  const { stdout } = await mcpfier(["list", "-c", file(place())]);
  expect(stdout).toMatch(/^fail +read +d\nreadme +resource +docs:\/\/\/readme D\n/m);
});

test("what a template is filled with is what comes out of the address again", () => {
  const template = parseUri("a:///{x}/b/{+rest}{?q}");
  if (typeof template === "string") throw new Error(template);
  const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((each) => each.isWellFormed());
  fc.assert(
    fc.property(text, text, text, (x, rest, q) => {
      const [one, two, three] = [x, rest, q].map(encodeURIComponent);
      const uri = `a:///${one}/b/${two}?q=${three}`;
      expect({ ...matchUri(template, uri) }).toEqual({ x, rest, q });
    }),
    { numRuns: 300 },
  );
});
