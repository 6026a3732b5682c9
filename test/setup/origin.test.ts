// What is given back when the last server of ours goes from a file that others have changed since the first one came.
import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeStep } from "../../src/cli/write-step.ts";
import type { Client } from "../../src/setup/client.ts";
import { continueDev } from "../../src/setup/clients/continue.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { goose } from "../../src/setup/clients/goose.ts";
import { opencode } from "../../src/setup/clients/opencode.ts";
import { originIn } from "../../src/setup/ledger.ts";
import { planFor } from "../../src/setup/plan.ts";
import { folder } from "../rig.ts";

const ADD = { name: "mcpfier", launch: { command: "/opt/node", args: ["serve"], pass: [] } };

/** A file into which a server went, which others changed then, and from which it was taken out again; null: it is gone. */
async function changed(
  client: Client,
  before: string | null,
  change: (text: string, file: string) => string,
): Promise<string | null> {
  const home = folder(before === null ? {} : { config: before });
  const file = join(home, "config");
  const where = { env: { XDG_STATE_HOME: home, PATH: "" }, home, platform: process.platform } as const;
  await writeStep(where, await planFor(client, { file }, ADD));
  const origin = originIn(where, file, "mcpfier");
  writeFileSync(file, change(readFileSync(file, "utf8"), file));
  const step = await planFor(client, { file }, { name: "mcpfier", launch: null, origin });
  expect(await writeStep(where, step)).not.toHaveProperty("fault");
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

const reprinted = (text: string): string => JSON.stringify(JSON.parse(text), null, 8);
const OTHERS = '"mcpServers": {"b":1,';

it.each([
  ["is gone though its client laid it out anew", cursor, null, reprinted, null],
  ["is empty again though its client laid it out anew", cursor, " \n", reprinted, " \n"],
  [
    "keeps the servers of others",
    cursor,
    null,
    (text: string) => text.replace('"mcpServers": {', OTHERS),
    '{\n  "mcpServers": {"b":1\n  }\n}\n',
  ],
  ["keeps the settings of others", cursor, "{}", (text: string) => text.replace("{", '{"a":1,'), '{"a":1\n}'],
  [
    "keeps a comment among the servers",
    cursor,
    null,
    (text: string) => text.replace('"mcpServers": {', '"mcpServers": { // mine'),
    '{\n  "mcpServers": { // mine\n  }\n}\n',
  ],
  [
    "keeps the map that was there",
    opencode,
    '{"mcp":{"timeout":1}}',
    (text: string) => text.replace("1", "2"),
    '{"mcp":{"timeout":2}}',
  ],
  ["keeps a setting of YAML", goose, "", (text: string) => `a: 1\n${text}`, "a: 1\n"],
  ["keeps a comment of YAML", goose, "a: 1\n", (text: string) => `${text}# mine\n`, "a: 1\n# mine\n"],
  [
    "keeps a comment on the line of the servers",
    goose,
    "",
    (text: string) => text.replace("extensions:", "extensions: # mine"),
    "extensions: {} # mine\n",
  ],
  [
    "keeps what stands above the servers where that is not as it was made",
    continueDev,
    null,
    (text: string) => text.replace("0.0.1", "0.0.2"),
    'name: mcpfier\nversion: "0.0.2"\nschema: v1\n',
  ],
])("a file %s", async (_what, client, before, change, after) => {
  expect(await changed(client, before, change)).toBe(after);
});

it("a file that became a link stays", async () => {
  const linked = (text: string, file: string): string => {
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
    return text;
  };
  expect(await changed(cursor, null, linked)).toBe("{}\n");
});
