import { chmodSync, lstatSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeStep } from "../../src/cli/write-step.ts";
import type { Client } from "../../src/setup/client.ts";
import { type Step, planFor } from "../../src/setup/plan.ts";
import { clients } from "../../src/setup/registry.ts";
import { folder } from "../rig.ts";

const LAUNCH = {
  command: "/opt/node",
  args: ["/opt/mcpfier.mjs", "serve", "--config", "/home/me/mcpfier.yaml"],
  pass: [],
};
const ADD = { name: "mcpfier", launch: LAUNCH };
const REMOVE = { name: "mcpfier", launch: null };

/** Texts that have the map, which come back byte for byte. */
const MAPPED = {
  "an empty map": '{\n  "MAP": {}\n}\n',
  "an empty map over two lines": '{\n  "MAP": {\n  }\n}\n',
  "an empty map with a space": '{\n  "MAP": { }\n}',
  "one line": '{"a":1,"MAP":{"b":{"command":"x"}},"c":[]}',
  "one line with an empty map": '{ "a": 1, "MAP": { } }\n',
  "a map on one line": '{\n  "MAP": { "b": { "command": "x" } },\n  "c": 1\n}\n',
  "a byte order mark": '\uFEFF{\n  "MAP": {}\n}\n',
  CRLF: '{\r\n  "MAP": {\r\n    "b": {\r\n      "command": "x"\r\n    }\r\n  }\r\n}\r\n',
  tabs: '{\n\t"MAP": {\n\t\t"b": { "command": "x" }\n\t},\n\t"c": 1\n}',
  "other members and no final line break":
    '{\n    "z": {"q": [1, 2]},\n    "MAP": {\n        "b": {\n            "command": "x"\n        }\n    }\n}',
} as const;
/** The same, for clients that read comments and trailing commas. */
const COMMENTED = {
  comments:
    '// head\n{\n  "MAP": { // the map\n    // "off": { "command": "y" },\n    "b": { "command": "x" } // about b\n    // "last": {}\n  }\n}\n// foot\n',
  "a map with comments only": '{\n  "MAP": {\n    // "off": {}\n  }\n}\n',
  "a map with a comment on its line": '{ "MAP": { /* none */ } }',
  "a comment that ends the only line": '{ "MAP": { "b": {} // about b\n} }',
  "a trailing comma": '{\n  "MAP": {\n    "b": { "command": "x" }, // about b\n  },\n}\n',
  "a comma on a line of its own": '{\n  "MAP": {\n    "b": 1 // about b\n    , // and the comma\n  }\n}\n',
} as const;
const REFUSED = {
  "a truncated text": ['{\n  "MAP": {\n    "b": {', "an object does not end"],
  "a list for a map": ['{ "MAP": [1, 2] }', "is a list, and an object is expected"],
  "null for a map": ['{ "MAP": null }', "is null, and an object is expected"],
  "a list in all": ["[]", "the whole of it is a list"],
  "two maps": ['{ "MAP": {}, "MAP": {} }', "stands in it more than once"],
  "another kind of entry": ['{ "MAP": { "mcpfier": "x" } }', "is a text, and an object is expected"],
  "a server with a URL": [
    '{ "MAP": { "mcpfier": { "url": "https://example.org" } } }',
    "--name gives this one another name",
  ],
  "no JSON": ["mcp: yes\n", "line 1, column 1"],
} as const;

function fileOf(client: Client, text: string): string {
  return join(folder({ "config.json": text.replaceAll("MAP", client.map.join(".")) }), "config.json");
}

async function carryOut(client: Client, file: string, wish: typeof ADD | typeof REMOVE): Promise<Step> {
  const step = await planFor(client, { file }, wish);
  expect(step).not.toMatchObject({ action: "manual" });
  if (step.action !== "unchanged") expect(await writeStep(step)).not.toHaveProperty("fault");
  return step;
}

/** Registered, registered again, and taken out. */
async function roundTrip(client: Client, file: string): Promise<string> {
  expect((await carryOut(client, file, ADD)).action).toBe("create");
  const added = readFileSync(file, "utf8");
  if (client.syntax === "json") {
    const entry = client.map.reduce((at, key) => at[key], JSON.parse(added.replace(/^\uFEFF/, ""))).mcpfier;
    expect(entry).toEqual({ ...client.extra, command: LAUNCH.command, args: LAUNCH.args });
  }
  expect((await carryOut(client, file, ADD)).action).toBe("unchanged");
  expect(readFileSync(file, "utf8")).toBe(added);
  expect((await carryOut(client, file, REMOVE)).action).toBe("remove");
  return readFileSync(file, "utf8");
}

describe.each(clients.map((client) => [client.name, client] as const))("the file of %s", (_name, client) => {
  const map = client.map.join(".");
  const texts = client.syntax === "jsonc" ? { ...MAPPED, ...COMMENTED } : MAPPED;

  it.each(Object.entries(texts))("with %s is as it was when the entry is taken out again", async (_what, text) => {
    const file = fileOf(client, text);
    const before = readFileSync(file);
    await roundTrip(client, file);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("is made where there is none, with what stands above it, and is its user's alone", async () => {
    const file = join(folder(), "a/b/config.json");
    expect(await planFor(client, { file }, REMOVE)).toMatchObject({ action: "unchanged" });
    expect(await roundTrip(client, file)).toBe(`{\n  "${map}": {}\n}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it.each([
    ["", `{\n  "${map}": {}\n}\n`],
    ["\uFEFF", `\uFEFF{\n  "${map}": {}\n}\n`],
    ["\r\n", `\r\n{\r\n  "${map}": {}\r\n}\r\n`],
    ["{}", `{\n  "${map}": {}\n}`],
    ['{\n\t"a": 1\n}\n', `{\n\t"a": 1,\n\t"${map}": {}\n}\n`],
  ])("with %j gets the map, and keeps it", async (text, after) => {
    expect(await roundTrip(client, fileOf(client, text))).toBe(after);
  });

  const refused: [string, readonly [string, string]][] = Object.entries(REFUSED);
  if (client.syntax === "json")
    for (const [what, text] of Object.entries(COMMENTED))
      refused.push([what, [text, /\/[/*]/.test(text) ? "a comment" : ""]]);
  it.each(refused)("with %s is left alone, for a reason", async (_what, [text, reason]) => {
    const file = fileOf(client, text);
    const before = readFileSync(file);
    const step = await planFor(client, { file }, ADD);
    expect(step).toMatchObject({ action: "manual", reason: expect.stringContaining(reason) });
    expect(step.entry).toMatchObject({ command: LAUNCH.command });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("that is read-only is left alone", async () => {
    const file = fileOf(client, '{ "MAP": {} }');
    chmodSync(file, 0o444);
    expect(await planFor(client, { file }, ADD)).toMatchObject({ action: "manual", reason: "it is read-only" });
  });

  it("behind a link is written where the link leads, with its rights", async () => {
    const real = fileOf(client, '{ "MAP": {} }');
    chmodSync(real, 0o640);
    const file = join(folder(), "link.json");
    symlinkSync(real, file);
    const before = readFileSync(real, "utf8");
    expect(await roundTrip(client, file)).toBe(before);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it.each([
    ["", "{ }"],
    [null, "{ }"],
    ['{ "MAP": {} }', '{ "MAP": {}, "b": 1 }'],
  ])("that another writes meanwhile, %j, stays what the other wrote", async (text, others) => {
    const file = text === null ? join(folder(), "config.json") : fileOf(client, text);
    const step = await planFor(client, { file }, ADD);
    writeFileSync(file, others);
    expect(await writeStep(step)).toHaveProperty("fault");
    expect(readFileSync(file, "utf8")).toBe(others);
  });
});

describe("an entry that is there", () => {
  const [, , cursor] = clients as readonly [Client, Client, Client];

  it("keeps what its user tuned, and gets what starts the server", async () => {
    const file = fileOf(
      cursor,
      `{\n  "MAP": {\n    "mcpfier": {\n      "command": "/old/node", // mine\n      "args": ["old.mjs"],\n      "env": { "A": "secret" },\n      "disabled": true\n    },\n    "b": {}\n  }\n}\n`,
    );
    const step = await carryOut(cursor, file, { ...ADD, launch: { ...LAUNCH, pass: ["A", "B"] as never[] } });
    expect(step.action).toBe("update");
    expect(step.diff).not.toContain("secret");
    expect(readFileSync(file, "utf8")).toBe(
      `{\n  "mcpServers": {\n    "mcpfier": {\n      "command": "/opt/node", // mine\n      "args": ["/opt/mcpfier.mjs", "serve", "--config", "/home/me/mcpfier.yaml"],\n      "env": { "A": "secret", "B": "\${env:B}" },\n      "disabled": true\n    },\n    "b": {}\n  }\n}\n`,
    );
  });

  it("goes with its comma, and comments beside it stay", async () => {
    const file = fileOf(
      cursor,
      '{\n  "MAP": {\n    "a": {}, // about a\n    "mcpfier": { "command": "x" }, // about it\n    "b": {}\n  }\n}\n',
    );
    await carryOut(cursor, file, REMOVE);
    expect(readFileSync(file, "utf8")).toBe(
      '{\n  "mcpServers": {\n    "a": {}, // about a\n    // about it\n    "b": {}\n  }\n}\n',
    );
  });

  it.each([
    ['{ "MAP": { "mcpfier": {}, "b": 1 } }', '{ "mcpServers": { "b": 1 } }'],
    ['{"MAP":{"a":1,"mcpfier":{},"b":1}}', '{"mcpServers":{"a":1,"b":1}}'],
    ['{\n  "MAP": {\n    "mcpfier": {}, "b": 1\n  }\n}', '{\n  "mcpServers": {\n    "b": 1\n  }\n}'],
    ['{ "MAP": { "a": 1, "mcpfier": {} } }', '{ "mcpServers": { "a": 1 } }'],
  ])("that stands in %j leaves %j", async (text, after) => {
    const file = fileOf(cursor, text);
    await carryOut(cursor, file, REMOVE);
    expect(readFileSync(file, "utf8")).toBe(after);
  });

  it("shows no text of others in a diff", async () => {
    const file = fileOf(cursor, '{"MAP":{"b":{"command":"x","args":["--token","hunter2"],"headers":{"k":"hunter3"}}}}');
    const { diff } = await planFor(cursor, { file }, ADD);
    expect(diff).toContain("/opt/mcpfier.mjs");
    expect(diff).not.toMatch(/hunter/);
  });
});
