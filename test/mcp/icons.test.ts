// What lists say beside names: icons, how long they are good for, and nothing that people do not see.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, load, poll } from "../rig.ts";
import { type Line, type Wire, envelope, wire } from "./wire.ts";

const OK = join(import.meta.dirname, "../catalogue/ok");
const PICTURE = readFileSync(join(OK, "icon.svg"), "utf8");
const SVG = `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString("base64")}`;
const ICON = { src: SVG, mimeType: "image/svg+xml", sizes: ["any"] };
const LINK = { src: "https://127.0.0.1/icon.png", mimeType: "image/png", sizes: ["48x48", "96x96"] };
const LISTS = ["tools", "prompts", "resources"] as const;
const INFO = "io.modelcontextprotocol/serverInfo";

/** Serves `ok/icons.yaml` with its file in a folder of its own. */
async function served(revision: string | null, path = folder({ "icon.svg": PICTURE })): Promise<Wire> {
  const yaml = readFileSync(join(OK, "icons.yaml"), "utf8").replace("file: icon.svg", "file: mcpfier.yaml");
  return wire(yaml.replaceAll("icon.svg", join(path, "icon.svg")), revision);
}

async function ask(session: Wire, method: string, params: object = {}): Promise<NonNullable<Line["result"]>> {
  session.send({ id: method, method, params });
  return (await session.answer(method)).result ?? {};
}

async function iconsIn(session: Wire, params: object = {}): Promise<readonly unknown[]> {
  const results = await Promise.all(LISTS.map((list) => ask(session, `${list}/list`, params)));
  return results.map(
    (result, index) => (result[LISTS[index] ?? ""] as readonly { readonly icons?: unknown }[])[0]?.icons,
  );
}

describe("icons", () => {
  test("are shown to a client of the revision that they came with, whatever they are", async () => {
    const session = await served("2025-11-25");
    expect(await iconsIn(session)).toEqual([[{ ...ICON, theme: "dark" }, LINK], [ICON], [ICON]]);
    expect((await session.answer("initialize")).result?.["serverInfo"]).toMatchObject({
      name: "mcpfier",
      icons: [ICON],
    });
  });

  test("are not shown to clients that do not know them", async () => {
    const session = await served("2025-06-18");
    expect(await iconsIn(session)).toEqual([undefined, undefined, undefined]);
    expect((await session.answer("initialize")).result?.["serverInfo"]).not.toHaveProperty("icons");
  });

  test("are shown since 2026-07-28, those of the server where it is discovered and with no other answer", async () => {
    const session = await served(null);
    const params = { _meta: envelope() };
    expect(await iconsIn(session, params)).toEqual([[{ ...ICON, theme: "dark" }, LINK], [ICON], [ICON]]);
    const { _meta } = await ask(session, "server/discover", params);
    expect((_meta as Readonly<Record<string, unknown>>)[INFO]).toMatchObject({ icons: [ICON] });
    const other = (await session.answer("tools/list")).result?.["_meta"] as Readonly<Record<string, unknown>>;
    expect(other[INFO]).not.toHaveProperty("icons");
  });

  test("are another when their file is", async () => {
    const path = folder({ "icon.svg": PICTURE });
    const session = await served("2025-11-25", path);
    const other = '<svg xmlns="http://www.w3.org/2000/svg"/>';
    await ask(session, "tools/list");
    writeFileSync(join(path, "icon.svg"), other);
    await poll(
      () => session.lines().some(({ method }) => method === "notifications/tools/list_changed"),
      () => session.stderr(),
    );
    session.send({ id: "again", method: "tools/list" });
    const text = JSON.stringify((await session.answer("again")).result);
    expect(text).toContain(Buffer.from(other).toString("base64"));
  });

  test("take 2 MiB in all and no more", async () => {
    const picture = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(30_000)]).toString("base64");
    const yaml = (count: number): string =>
      `commands:\n${Array.from({ length: count }, (_, at) => `  - { name: c${at}, description: d, run: [echo], icons: [*p] }\n`).join("")}`;
    const all = (count: number): string => yaml(count).replace("[*p]", `[&p "data:image/png;base64,${picture}"]`);
    expect((await load(all(52))).problems).toEqual([]);
    expect((await load(all(53))).problems).toMatchObject([{ rule: "icon", severity: "error" }]);
  });
});

describe("what lists say since 2026-07-28", () => {
  test("holds how long it is good for: the lists for 5 s, what can change at once not at all, and for nobody else", async () => {
    const session = await served(null);
    const params = { _meta: envelope() };
    const hints: Record<string, unknown> = {};
    for (const method of [
      "server/discover",
      "tools/list",
      "prompts/list",
      "resources/templates/list",
      "resources/list",
    ]) {
      const { ttlMs, cacheScope } = await ask(session, method, params);
      hints[method] = [ttlMs, cacheScope];
    }
    const { ttlMs, cacheScope } = await ask(session, "resources/read", { ...params, uri: "docs:///icon" });
    expect({ ...hints, "resources/read": [ttlMs, cacheScope] }).toEqual({
      "server/discover": [5000, "private"],
      "tools/list": [5000, "private"],
      "prompts/list": [5000, "private"],
      "resources/templates/list": [5000, "private"],
      "resources/list": [0, "private"],
      "resources/read": [0, "private"],
    });
  });

  test("is not told to clients that do not know it", async () => {
    const session = await served("2025-11-25");
    expect(await ask(session, "tools/list")).not.toHaveProperty("ttlMs");
  });
});

describe("what nobody sees", () => {
  test("is in nothing that clients are shown, and joiners that mean something stay", async () => {
    const { catalogue } = await load(readFileSync(join(OK, "invisible.yaml"), "utf8"));
    const { title, instructions, commands = [], prompts = [], resources = [] } = catalogue ?? {};
    const [hello, fine] = commands;
    expect([title, instructions]).toEqual(["My tools", "All is well."]);
    expect([hello?.title, hello?.description]).toEqual(["Hello", "Says hello dnuora, quietly."]);
    expect(hello?.inputSchema["properties"]).toMatchObject({
      word: { title: "Word", description: "Any word" },
      more: { properties: { a: { description: "A" } } },
    });
    expect(fine?.description).toBe("می\u200Cخواهم 👩\u200D💻 ❤\uFE0F");
    expect(prompts[0]).toMatchObject({ description: "A greeting" });
    expect(prompts[0]?.inputSchema["properties"]).toMatchObject({ who: { description: "Who" } });
    expect(resources[0]).toMatchObject({ name: "one", description: "One" });
  });
});
