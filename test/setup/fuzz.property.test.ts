import fc from "fast-check";
import { load } from "js-yaml";
import { type Node, getNodeValue, parseTree } from "jsonc-parser";
import { parse } from "smol-toml";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { Client } from "../../src/setup/client.ts";
import { claudeDesktop } from "../../src/setup/clients/claude-desktop.ts";
import { codex } from "../../src/setup/clients/codex.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { goose } from "../../src/setup/clients/goose.ts";
import { type Edited, entryOf, startIn, withEntry, withoutEntry } from "../../src/setup/entry.ts";
import { type Format, isRefused } from "../../src/setup/format.ts";
import { loadFormat } from "../../src/setup/formats.ts";
import { originOf, withoutTrace } from "../../src/setup/origin.ts";
import { damaged, json, jsonc, toml, yaml } from "./fuzz.ts";

const RUNS = 5000;
const LAUNCH = { command: "/opt/node", args: ["serve", "--config", "/a b/c.yaml"], pass: [] };

type Data = Record<string, unknown>;

const formats = {
  JSON: { client: claudeDesktop, texts: json, map: "mcpServers", data: (text: string) => JSON.parse(text) as Data },
  JSONC: {
    client: cursor,
    texts: jsonc,
    map: "mcpServers",
    data: (text: string) => plain(getNodeValue(parseTree(text) ?? NOTHING)) as Data,
  },
  TOML: {
    client: codex,
    texts: toml,
    map: "mcp_servers",
    data: (text: string) => parse(text, { integersAsBigInt: "asNeeded" }) as Data,
  },
  YAML: {
    client: goose,
    texts: yaml,
    map: "extensions",
    data: (text: string) => (text.trim() === "" ? {} : ((load(text) ?? {}) as Data)),
  },
};

const NOTHING: Node = { type: "object", offset: 0, length: 0, children: [] };

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data));
}

/** What a text says but for our entry, and for servers of which there are none. */
function others(data: Data, map: string): Data {
  const { [map]: servers, ...rest } = data;
  const { mcpfier: _, ...left } = (servers ?? {}) as Data;
  return Object.keys(left).length === 0 ? rest : { ...rest, [map]: left };
}

interface Tried {
  readonly client: Client;
  readonly map: string;
  data(text: string): Data;
}

/** Who knows what was there before a new entry gives all of it back, as a part of them shows. */
function restore(format: Format, client: Client, { before, after }: Edited, text: string): void {
  if (before.entry || text.length % 4 > 0) return;
  const origin = originOf(text, before);
  if (!before.isEmpty && origin.stub === null && origin.depth === client.form.map.length) return;
  const restored = withoutTrace(format, after.text, { client, name: "mcpfier", origin });
  if (isRefused(restored) || restored.after?.text !== text) throw new Error(`it does not come back: ${after.text}`);
}

/** Whether it was edited; what is wrong with an edit is thrown. */
async function trier({ client, map, data }: Tried): Promise<(text: string) => boolean> {
  const format = await loadFormat(client.form.syntax);
  const entry = entryOf(client, "mcpfier", { ...LAUNCH, pass: client.stdio.pass ? ["KUBECONFIG"] : [] }) ?? {};
  return (text) => {
    const added = withEntry(format, text, client, "mcpfier", entry);
    if (isRefused(added)) return false;
    const after = added.after.text;
    const written = (data(after)[map] as Data)["mcpfier"] as Data;
    // What its user tuned stays; what starts it does not.
    if (added.before.entry)
      expect(startIn(client, written)).toMatchObject({ command: LAUNCH.command, args: LAUNCH.args });
    else if (!isDeepStrictEqual({ ...written }, entry)) throw new Error(`it was not written: ${after}`);
    const again = withEntry(format, after, client, "mcpfier", entry);
    if (isRefused(again) || again.after.text !== after) throw new Error(`it is written once more: ${after}`);
    const removed = withoutEntry(format, after, client, "mcpfier");
    if (isRefused(removed)) {
      // What its user wrote may be laid out in a way that nobody takes apart.
      if (added.before.entry) return true;
      throw new Error(`${removed.fault}: ${after}`);
    }
    const back = removed.after.text;
    // A text of comments alone, or of nothing, says nothing to the parser.
    const said = added.before.isEmpty ? {} : data(text);
    // Quicker than `expect`, which tens of thousands of them feel.
    for (const each of [after, back])
      if (!isDeepStrictEqual(others(data(each), map), others(said, map)))
        throw new Error(`it says something else: ${each}`);
    restore(format, client, added, text);
    const hadNone = !added.before.entry && (added.before.hasMap || client.form.syntax === "toml");
    if (hadNone && said[map] !== null && back !== text) expect(back).toBe(text);
    return true;
  };
}

describe.each(Object.entries(formats))("a file of %s", (_name, { texts, ...tried }) => {
  it("is edited so that all else says what it said, and every byte comes back; or it is left alone", async () => {
    const attempt = await trier(tried);
    let edited = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (attempt(text)) edited++;
      }),
      { numRuns: RUNS },
    );
    // What people write is edited.
    expect(edited / RUNS).toBeGreaterThan(0.6);
  });

  it("that is damaged is edited as carefully, or left alone", async () => {
    const attempt = await trier(tried);
    fc.assert(
      fc.property(damaged(texts), (text) => void attempt(text)),
      { numRuns: RUNS },
    );
  });
});
