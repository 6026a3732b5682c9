import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tmpdir } from "node:os";
import { writeStep } from "../../src/cli/write-step.ts";
import type { Client } from "../../src/setup/client.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { entryOf } from "../../src/setup/entry.ts";
import { originIn } from "../../src/setup/ledger.ts";
import type { Origin } from "../../src/setup/origin.ts";
import { type Step, type Wish, planFor } from "../../src/setup/plan.ts";
import { clients } from "../../src/setup/registry.ts";
import { folder } from "../rig.ts";
import { keyOf, samplesOf } from "./files.ts";

const LAUNCH = {
  command: "/opt/node",
  args: ["/opt/mcpfier.mjs", "serve", "--config", "/home/me/mcpfier.yaml"],
  pass: [],
};
const ADD = { name: "mcpfier", launch: LAUNCH };
const REMOVE = { name: "mcpfier", launch: null };

const HOME = {
  env: { XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "mcpfier-state-")), PATH: "" },
  home: "/nobody",
  platform: "linux",
} as const;
afterAll(() => rmSync(HOME.env.XDG_STATE_HOME, { recursive: true }));

function fileOf(client: Client, text: string): string {
  return join(folder({ config: text.replaceAll("MAP", keyOf(client)) }), "config");
}

async function carryOut(client: Client, file: string, wish: Wish): Promise<Step> {
  const step = await planFor(client, { file }, wish);
  expect(step).not.toMatchObject({ action: "manual" });
  if (step.action === "unchanged") return step;
  const { fault } = await writeStep(HOME, step);
  expect(fault).toBeUndefined();
  return { ...step, origin: originIn(HOME, file, wish.name) };
}

/** Registered, and registered again; gives what was there before. */
async function add(client: Client, file: string): Promise<Origin | null> {
  const { action, origin } = await carryOut(client, file, ADD);
  expect(action).toBe("create");
  const added = readFileSync(file, "utf8");
  const again = await carryOut(client, file, ADD);
  expect(again).toMatchObject({ action: "unchanged", had: entryOf(client, "mcpfier", LAUNCH) });
  expect(readFileSync(file, "utf8")).toBe(added);
  return origin;
}

/** Registered, and taken out by somebody who knows nothing of what was there before. */
async function roundTrip(client: Client, file: string): Promise<string> {
  await add(client, file);
  expect((await carryOut(client, file, REMOVE)).action).toBe("remove");
  return readFileSync(file, "utf8");
}

const written = clients.filter(({ user }) => typeof user !== "string");

describe.each(written.map((client) => [client.name, client] as const))("the file of %s", (_name, client) => {
  const { kept, grown, refused, made } = samplesOf(client);
  const some = Object.values(kept).find((text) => text.includes("MAP")) ?? "";

  it.each(Object.entries(kept))("with %s is as it was when the entry is taken out again", async (_what, text) => {
    const file = fileOf(client, text);
    const before = readFileSync(file);
    await roundTrip(client, file);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("is made where there is none, with what stands above it, and is its user's alone", async () => {
    const file = join(folder(), "a/b/config");
    expect(await planFor(client, { file }, REMOVE)).toMatchObject({ action: "unchanged" });
    expect(await roundTrip(client, file)).toBe(made.replaceAll("MAP", keyOf(client)));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file))).toEqual(["config"]);
  });

  it.each(grown)("with %j gets the servers, and keeps their place", async (text, after) => {
    expect(await roundTrip(client, fileOf(client, text))).toBe(after.replaceAll("MAP", keyOf(client)));
  });

  it.each([...new Set(["", "\uFEFF", ...grown.map(([text]) => text)])])(
    "with %j is as it was, as long as that is known",
    async (text) => {
      const file = fileOf(client, text);
      const before = readFileSync(file);
      await carryOut(client, file, { ...REMOVE, origin: await add(client, file) });
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );

  it("that was made is gone again with its folders, as long as that is known", async () => {
    const home = folder({ "a/other": "" });
    const file = join(home, "a/b/c/config");
    const step = await carryOut(client, file, { ...REMOVE, origin: await add(client, file) });
    expect(step).toMatchObject({ action: "remove", after: null });
    expect(readdirSync(join(home, "a"))).toEqual(["other"]);
  });

  it.each(Object.entries(refused))("with %s is left alone, for a reason", async (_what, [text, reason]) => {
    const file = fileOf(client, text);
    const before = readFileSync(file);
    const step = await planFor(client, { file }, ADD);
    expect(step).toMatchObject({ action: "manual", reason: expect.stringContaining(reason) });
    expect(step.entry).toEqual(entryOf(client, "mcpfier", LAUNCH));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("that is read-only is left alone", async () => {
    const file = fileOf(client, some);
    chmodSync(file, 0o444);
    expect(await planFor(client, { file }, ADD)).toMatchObject({ action: "manual", reason: "it is read-only" });
  });

  it("behind a link is written where the link leads, with its rights", async () => {
    const real = fileOf(client, some);
    chmodSync(real, 0o640);
    const file = join(folder(), "link");
    symlinkSync(real, file);
    const before = readFileSync(real, "utf8");
    expect(await roundTrip(client, file)).toBe(before);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it.each([
    ["", "a"],
    [null, "a"],
  ])("that another writes meanwhile, %j, stays what the other wrote", async (text, others) => {
    const file = text === null ? join(folder(), "config") : fileOf(client, text);
    const step = await planFor(client, { file }, ADD);
    writeFileSync(file, others);
    expect(await writeStep(HOME, step)).toMatchObject({ step: { action: "manual" } });
    expect(readFileSync(file, "utf8")).toBe(others);
  });

  it("that another writes meanwhile gets the entry beside what the other wrote", async () => {
    const file = fileOf(client, some);
    const step = await planFor(client, { file }, ADD);
    await carryOut(client, file, { ...ADD, name: "other" });
    expect(await writeStep(HOME, step)).not.toHaveProperty("fault");
    for (const name of ["other", "mcpfier"])
      expect(await planFor(client, { file }, { ...ADD, name })).toMatchObject({ action: "unchanged" });
  });
});

describe("an entry that is there", () => {
  it("keeps what its user tuned, and gets what starts the server", async () => {
    const file = fileOf(
      cursor,
      `{\n  "MAP": {\n    "mcpfier": {\n      "command": "/old/node", // mine\n      "args": ["old.mjs"],\n      "env": { "A": "secret" },\n      "disabled": true\n    },\n    "b": {}\n  }\n}\n`,
    );
    const step = await carryOut(cursor, file, { ...ADD, launch: { ...LAUNCH, pass: ["A", "B"] as never[] } });
    expect(step.action).toBe("update");
    expect(step.diff()).not.toContain("secret");
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
    const step = await planFor(cursor, { file }, ADD);
    const diff = step.diff();
    expect(diff).toContain("/opt/mcpfier.mjs");
    expect(diff).not.toMatch(/hunter/);
  });
});
