// Full pages of tools are kept beside the copy of a large catalogue: a later start sends them as they are.
import { once } from "node:events";
import { chmodSync, globSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { collect, folder, poll, start } from "../rig.ts";
import { envelope, initialize } from "./wire.ts";

const REVISIONS = ["2025-06-18", "2025-11-25", "2026-07-28"];
const KINDS = ["effect: read", "title: Any, idempotent: true", `icons: [{ src: "https://example.com/a.png" }]`];
const one = (index: number): string =>
  `  - { name: tool_${index}, description: "Made \u00e4t a start, ${index}", run: [echo, "${index}"], ${KINDS[index % 3]} }\n`;
const YAML = `commands:\n${Array.from({ length: 1001 }, (_, index) => one(index)).join("")}`;

let file = "";
let caches = "";

interface Session {
  ask(message: object): void;
  /** The line that tells of something, once it came. */
  line(of: string): Promise<string>;
  end(): Promise<void>;
}

function session(): Session {
  const child = start(["serve", "-c", file], {
    env: { XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: join(caches, "n") },
  });
  const exit = once(child, "exit");
  const stdout = collect(child, "stdout");
  const found = (of: string): string | undefined =>
    stdout()
      .split("\n")
      .slice(0, -1)
      .find((line) => line.includes(of));
  return {
    ask: (message) => void child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    line: async (of) => {
      await poll(() => found(of) !== undefined, stdout);
      return found(of) ?? "";
    },
    end: async () => {
      child.stdin?.end();
      await exit;
    },
  };
}

interface Options {
  readonly cursor?: string;
  /** What is waited for before the session ends. */
  readonly until?: () => boolean;
}

/** The line with a page of tools, as a server of its own sends it. */
async function listed(revision = "2025-11-25", { cursor, until = () => true }: Options = {}): Promise<string> {
  const { ask, line, end } = session();
  const isNew = revision === "2026-07-28";
  const params = { ...(cursor === undefined ? {} : { cursor }), ...(isNew ? { _meta: envelope() } : {}) };
  if (!isNew) ask(initialize(revision));
  ask({ id: 1, method: "tools/list", params });
  const found = await line('"id":1}');
  await poll(until, () => kept().join());
  await end();
  return found;
}

/** All but the copy of the file itself. */
const kept = (): readonly string[] =>
  globSync(join(caches, "mcpfier/catalogue-*-*"))
    .filter((path) => !path.endsWith("-source-0"))
    .toSorted();
const pageOf = (revision: string): string => kept().find((path) => path.endsWith(`-0-${revision}`)) ?? "";

/** Has a page of the same length stand in the place of the one that is kept. */
function mark(path: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("\u00e4t a start", "\u00e4s it lay!"));
}

beforeEach(() => {
  caches = folder();
  file = join(folder({ "mcpfier.yaml": YAML }), "mcpfier.yaml");
});

describe("a full page of tools", () => {
  test("is kept once a start from the copy has made it, and sent to each revision as it would be made", async () => {
    await listed();
    expect(kept()).toEqual([]);
    const made = await Promise.all(
      REVISIONS.map((revision) => listed(revision, { until: () => pageOf(revision) !== "" })),
    );
    expect(new Set(made).size).toBe(3);
    expect(kept().map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    kept().forEach(mark);
    const sent = await Promise.all(REVISIONS.map((revision) => listed(revision)));
    expect(sent.every((line) => line.includes("\u00e4s it lay!"))).toBe(true);
    expect(sent.map((line) => line.replaceAll("\u00e4s it lay!", "\u00e4t a start"))).toEqual(made);
    expect(await listed("2025-11-25", { cursor: "1000" })).toContain('"tools":[{"name":"tool_1000"');
  });

  test("is made where what is kept could be somebody else's, was cut, is gone, or is of another catalogue", async () => {
    await listed();
    const made = await listed("2025-11-25", { until: () => kept().length > 0 });
    const [path = ""] = kept();
    mark(path);
    const whole = readFileSync(path);
    const changes: readonly (() => void)[] = [
      () => chmodSync(path, 0o620),
      () => truncateSync(path, whole.length - 1),
      () => rmSync(path),
    ];
    for (const change of changes) {
      writeFileSync(path, whole);
      chmodSync(path, 0o600);
      change();
      expect(await listed()).toBe(made);
    }
    writeFileSync(path, whole, { mode: 0o600 });
    writeFileSync(file, YAML.replace("name: tool_0,", "name: other,"));
    expect(await listed()).toBe(made.replace('"tool_0"', '"other"'));
    expect(kept()).toEqual([]);
  });

  test("is that of the catalogue as it is now, when its file changes under a server", async () => {
    await listed();
    await listed("2025-11-25", { until: () => kept().length > 0 });
    kept().forEach(mark);
    const { ask, line, end } = session();
    for (const message of [initialize("2025-11-25"), { method: "notifications/initialized" }]) ask(message);
    ask({ id: 1, method: "tools/list" });
    expect(await line('"id":1}')).toContain("\u00e4s it lay!");
    writeFileSync(file, YAML.replace("name: tool_0,", "name: other,"));
    await line("notifications/tools/list_changed");
    ask({ id: 2, method: "tools/list" });
    const changed = await line('"id":2}');
    expect(changed).toContain('"name":"other"');
    expect(changed).not.toContain("\u00e4s it lay!");
    await end();
  });
});
