// What setups note of each other's files, so that the last server of ours that goes leaves what the first one found.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { type Written, writeStep } from "../../src/cli/write-step.ts";
import type { Client } from "../../src/setup/client.ts";
import { claudeCode } from "../../src/setup/clients/claude-code.ts";
import { copilotCli } from "../../src/setup/clients/copilot-cli.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { goose } from "../../src/setup/clients/goose.ts";
import { damageIn, originIn, recall } from "../../src/setup/ledger.ts";
import { type Where, placeFor } from "../../src/setup/place.ts";
import { type Wish, planFor } from "../../src/setup/plan.ts";
import { zed } from "../../src/setup/clients/zed.ts";
import { folder } from "../rig.ts";

const START = { command: "/opt/node", args: ["serve", "--config", "/me/mcpfier.yaml"], pass: [] };
const LEDGER = ".local/state/mcpfier/registrations.json";

function whereIn(home: string): Where {
  return { env: { PATH: "" }, home, platform: "linux" };
}

function fileOf(client: Client, where: Where): string {
  const place = placeFor(client, where, null);
  return place && "file" in place ? place.file : "";
}

async function put(where: Where, client: Client, wish: Wish, file = fileOf(client, where)): Promise<Written> {
  const origin = wish.launch ? null : originIn(where, file, wish.name);
  return writeStep(where, await planFor(client, { file }, { ...wish, origin }));
}

const add = (where: Where, client: Client, name = "a", file?: string): Promise<Written> =>
  put(where, client, { name, launch: START }, file);
const remove = (where: Where, client: Client, name = "a", file?: string): Promise<Written> =>
  put(where, client, { name, launch: null }, file);

it("a file that its user made anew is not ours, whatever is noted of a server that was in the one before", async () => {
  const where = whereIn(folder());
  const file = fileOf(cursor, where);
  const own = '{ "mcpServers": {} }';
  await add(where, cursor, "b");
  rmSync(file);
  writeFileSync(file, own);
  await add(where, cursor, "a");
  await remove(where, cursor, "a");
  expect(readFileSync(file, "utf8")).toBe(own);
  await add(where, cursor, "b");
  const edited = readFileSync(file, "utf8").replace("/me/mcpfier.yaml", "/me/other.yaml");
  writeFileSync(file, edited);
  await add(where, cursor, "c");
  for (const name of ["b", "c"]) await remove(where, cursor, name);
  expect(readFileSync(file, "utf8")).toBe(own);
});

it.each([["abc"], ["cba"], ["bca"]])("setups at the same time leave nothing, taken out as %s", async (order) => {
  const home = folder();
  const where = whereIn(home);
  for (const each of await Promise.all(["a", "b", "c"].map((name) => add(where, cursor, name))))
    expect(each).not.toHaveProperty("fault");
  await add(where, cursor, "b");
  for (const name of order) await remove(where, cursor, name);
  expect(readdirSync(home)).toEqual([".local"]);
  expect(recall(where)).toEqual([]);
});

it("who takes a server out of a file that several clients read forgets it for all of them, by links too", async () => {
  const home = folder();
  const where = whereIn(home);
  const [file, link] = [join(home, ".mcp.json"), join(home, "link.json")];
  symlinkSync(file, link);
  for (const [client, path] of [
    [claudeCode, file],
    [copilotCli, file],
    [copilotCli, link],
  ] as const)
    expect(await add(where, client, "a", path)).not.toHaveProperty("fault");
  expect(recall(where)).toHaveLength(3);
  await add(where, copilotCli, "b", file);
  await remove(where, claudeCode, "a", file);
  expect(recall(where).map(({ name }) => name)).toEqual(["b"]);
  await remove(where, copilotCli, "b", file);
  expect(existsSync(file)).toBe(false);
});

it.each([
  [goose, zed],
  [zed, goose],
])("a folder goes when nothing is left in it, whoever made it, %#", async (first, last) => {
  const home = folder({ "mine/x": "" });
  const where = whereIn(home);
  for (const client of [goose, zed]) await add(where, client);
  await remove(where, first);
  expect(existsSync(fileOf(last, where))).toBe(true);
  await remove(where, last);
  expect(readdirSync(home).toSorted()).toEqual([".local", "mine"]);
  expect(readdirSync(join(home, ".local/state/mcpfier")).toSorted()).toEqual(["backups", "registrations.json"]);
});

it("a folder that was there, or that holds something else, stays", async () => {
  const home = folder({ ".config/zed/mine": "" });
  const where = whereIn(home);
  mkdirSync(join(home, ".cursor"));
  for (const client of [zed, goose, cursor]) await add(where, client);
  for (const client of [zed, goose, cursor]) await remove(where, client);
  expect(readdirSync(home).toSorted()).toEqual([".config", ".cursor", ".local"]);
  expect(readdirSync(join(home, ".config"))).toEqual(["zed"]);
});

it("what cannot be written is not noted", async () => {
  const home = folder();
  const where = whereIn(home);
  const file = fileOf(cursor, where);
  const step = await planFor(cursor, { file }, { name: "a", launch: START });
  writeFileSync(dirname(file), "");
  expect((await writeStep(where, step)).step).toMatchObject({ action: "manual" });
  rmSync(dirname(file));
  await add(where, cursor, "b");
  writeFileSync(file, "{");
  expect((await writeStep(where, step)).step).toMatchObject({ action: "manual" });
  expect(recall(where).map(({ name }) => name)).toEqual(["b"]);
});

it("names the place that fails when nothing can be noted", async () => {
  const home = folder({ ".local/state/mcpfier": "a file" });
  const where = whereIn(home);
  expect(await add(where, cursor)).toMatchObject({
    fault: expect.stringContaining(`${join(home, ".local/state/mcpfier")}, where mcpfier keeps what was there before`),
  });
  expect(existsSync(fileOf(cursor, where))).toBe(false);
});

const ROW = { client: "cursor", file: "/x", name: "a", at: "2026-01-01T00:00:00.000Z", tools: 1, given: null };
it.each<readonly [string, string]>([
  ["{", "cannot be read"],
  ["{}", "a list is expected"],
  ...[
    1,
    null,
    { ...ROW, origin: "abc" },
    { ...ROW, origin: { text: 5, folder: 7, depth: "0", stub: "}]" } },
    { ...ROW, origin: { text: null, depth: -1, stub: null } },
    { ...ROW, origin: null, tools: "\u001B[31m" },
    { ...ROW, origin: null, given: 5 },
    { ...ROW, origin: null, at: "\u001B[31m" },
  ].map((row) => [JSON.stringify([row, { ...ROW, origin: null }]), "1 of 2 notes are damaged"] as const),
])("notes like %s are ignored, and that is told", (text, fault) => {
  const where = whereIn(folder({ [LEDGER]: text }));
  expect(damageIn(where)).toContain(fault);
  expect(recall(where)).toHaveLength(text.startsWith("[") ? 1 : 0);
});
