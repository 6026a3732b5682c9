// What is planned of files that others wrote: what is shown of them, and which are left alone.
import { chmodSync, linkSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Client } from "../../src/setup/client.ts";
import { codex } from "../../src/setup/clients/codex.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { goose } from "../../src/setup/clients/goose.ts";
import { cline } from "../../src/setup/clients/cline.ts";
import { devin } from "../../src/setup/clients/devin.ts";
import { geminiCli } from "../../src/setup/clients/gemini-cli.ts";
import { opencode } from "../../src/setup/clients/opencode.ts";
import { planFor } from "../../src/setup/plan.ts";
import { folder } from "../rig.ts";

const LAUNCH = { command: "/opt/node", args: ["/opt/mcpfier.mjs", "serve", "--config", "/me/mcpfier.yaml"], pass: [] };
const ADD = { name: "mcpfier", launch: LAUNCH };
const REMOVE = { name: "mcpfier", launch: null };

function fileOf(text: string): string {
  return join(folder({ config: text }), "config");
}

const SECRET = 8_675_309;
const OURS: readonly (readonly [Client, string])[] = [
  [
    cursor,
    `{ "mcpServers": { "b": { "port": @, "args": ["x@"] }, "mcpfier": {
      "command": "/@", "args": ["--token=@", "serve"], // @
      "env": { "A": @, "B": { "env": ["@"] }, "C": "/opt/node" }, "oauth": { "clientSecret": "@" } } } }`,
  ],
  [
    codex,
    `n = @\n[mcp_servers.mcpfier] # @\ncommand = "/@"\nargs = ["@"]\nbearer_token = "@"\n[mcp_servers.mcpfier.env]\nA = @\nB = { C = ["/@"] }\n`,
  ],
  [
    goose,
    `n: @\nextensions:\n  mcpfier:\n    cmd: /@ # @\n    args: [@, --token=@]\n    envs:\n      A: @\n      B: { C: [@] }\n    note: |\n      @\n    more: [@]\n`,
  ],
];

describe.each(OURS)("a diff of %#", (client, sample) => {
  it("shows keys and what we write ourselves, and no other value", async () => {
    const file = fileOf(sample.replaceAll("@", String(SECRET)));
    const [added, removed] = [await planFor(client, { file }, ADD), await planFor(client, { file }, REMOVE)];
    expect([added.action, removed.action]).toEqual(["update", "remove"]);
    expect(added.diff() + removed.diff()).not.toContain(String(SECRET));
    expect(added.diff()).toContain('/opt/mcpfier.mjs"');
    expect(removed.diff()).not.toContain("/opt/");
    expect(added.diff()).toContain("A");
  });
});

it("keeps the lines of a block of YAML apart", async () => {
  const file = fileOf("extensions:\n  b:\n    cmd: |\n      x\n    args: []\n");
  expect((await planFor(goose, { file }, ADD)).diff()).toContain('\n     cmd: "…"\n     args: []\n+  mcpfier:\n');
});

describe("a file", () => {
  it("that is nested too deeply in the entry is left alone", async () => {
    const deep = `${'{"a":'.repeat(1200)}1${"}".repeat(1200)}`;
    const file = fileOf(`{"mcpServers":{"mcpfier":${deep}}}`);
    for (const wish of [ADD, REMOVE]) expect((await planFor(cursor, { file }, wish)).action).not.toBe("unchanged");
    expect(await planFor(cursor, { file }, ADD)).toMatchObject({
      action: "manual",
      reason: expect.stringContaining("nested too deeply"),
    });
  });

  it("of YAML that is nested too deeply is left alone, and that is the reason", async () => {
    const file = fileOf(`a: ${"[".repeat(3000)}${"]".repeat(3000)}\n`);
    expect(await planFor(goose, { file }, ADD)).toMatchObject({
      action: "manual",
      reason: "it is nested too deeply to be read",
    });
  });

  it("that is read-only or a hard link is left alone, unless nothing is to be done", async () => {
    const file = fileOf('{ "mcpServers": {} }');
    writeFileSync(file, (await planFor(cursor, { file }, ADD)).after ?? "");
    linkSync(file, `${file}.other`);
    expect(await planFor(cursor, { file }, ADD)).toMatchObject({ action: "unchanged" });
    const left = await planFor(cursor, { file }, REMOVE);
    expect(left).toMatchObject({ action: "manual", reason: expect.stringContaining("hard link") });
    chmodSync(file, 0o444);
    expect(await planFor(cursor, { file }, ADD)).toMatchObject({ action: "unchanged" });
    expect(await planFor(cursor, { file }, REMOVE)).toMatchObject({ action: "manual", reason: "it is read-only" });
  });

  it.each([
    [codex, "#", 512],
    [goose, "#", 512],
    [cursor, " ", 65_536],
  ])("that would take too long is left alone, %#", async (client, sign, most) => {
    const text = (more: number): string => sign.repeat(most * 1024 + more);
    const reason = `it is larger than ${most} KiB, and to edit it and to prove that takes too long`;
    const file = fileOf(text(64 * 1024 + 1));
    expect(await planFor(client, { file }, ADD)).toMatchObject({ action: "manual", reason });
    if (sign === " ") return;
    writeFileSync(file, text(-20));
    expect(await planFor(client, { file }, ADD)).toMatchObject({
      action: "manual",
      reason: `with the entry ${reason}`,
    });
    writeFileSync(file, text(-1024));
    const added = await planFor(client, { file }, ADD);
    expect(added.action).toBe("create");
    // Its client wrote more into it since then.
    writeFileSync(file, `${sign.repeat(60 * 1024)}\n${added.after}`);
    expect(await planFor(client, { file }, ADD)).toMatchObject({ action: "unchanged" });
    expect(await planFor(client, { file }, REMOVE)).toMatchObject({ action: "remove" });
  });

  it.each([
    ["{}", false],
    ['{"mcp":{"timeout":5000}}', false],
    ['{"mcp":{"servers":{}}}', true],
    ['{"mcp":{"servers":{"type":"local","command":["x"]}}}', false],
    ['{"mcp":{"servers":{},"mcpfier":{"type":"local","command":["x"]}}}', false],
    ['{"mcp":{"old":{"type":"local","command":["x"]}}}', false],
    ['{"mcp":{"old":{"enabled":false}}}', false],
    ['{"mcp":{"servers":{},"old":{"type":"local"}}}', true],
  ])("of OpenCode, %s, gets the entry of its version: %j", async (text, isSecond) => {
    const { after } = await planFor(opencode, { file: fileOf(text) }, ADD);
    const { mcp } = JSON.parse(after ?? "") as { mcp: { servers?: object } };
    expect(isSecond ? mcp.servers : mcp).toHaveProperty("mcpfier.command", [LAUNCH.command, ...LAUNCH.args]);
  });
});

it.each([
  [geminiCli, '{ "httpUrl": "http://127.0.0.1:9/mcp" }', "httpUrl"],
  [geminiCli, '{ "command": "x" }', "command"],
  [cline, '{ "transport": { "type": "streamableHttp", "url": "http://127.0.0.1:9/mcp" } }', "transport"],
  [devin, '{ "transport": "http", "url": "http://127.0.0.1:9/mcp" }', undefined],
] as const)("a server that is there is not made one of another kind, %#", async (client, entry, key) => {
  const file = fileOf(`{ "mcpServers": { "mcpfier": ${entry} } }`);
  const step = await planFor(client, { file }, { name: "mcpfier", launch: { url: "http://127.0.0.1:8/mcp" } });
  if (key === undefined) expect(step).toMatchObject({ action: "update", entry: { url: "http://127.0.0.1:8/mcp" } });
  else expect(step).toMatchObject({ action: "manual", reason: expect.stringContaining(`a server with a "${key}"`) });
});

it.each([
  [cursor, 20_000, (at: number) => `"k${at}": { "x": ${at} }`, (all: string) => `{ ${all}, "mcpServers": {} }`, ", "],
  [goose, 6000, (at: number) => `k${at}: "x"`, (all: string) => `${all}\nextensions: {}\n`, "\n"],
  [codex, 6000, (at: number) => `k${at} = "x"`, (all: string) => `${all}\n`, "\n"],
] as const)("a large file is planned and shown, %#", async (client, count, one, whole, separator) => {
  const text = whole(Array.from({ length: count }, (_, at) => one(at)).join(separator));
  const file = fileOf(text);
  const step = await planFor(client, { file }, ADD);
  expect(step.action).toBe("create");
  expect(step.diff()).toContain("mcpfier");
  expect(readFileSync(file, "utf8")).toBe(text);
});
