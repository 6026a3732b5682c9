// A start from the caches is quicker, and nothing else: every answer is that of a server that keeps none.
import { once } from "node:events";
import { copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { collect, folder, poll, start } from "../rig.ts";
import { envelope, initialize } from "./wire.ts";

/** One page holds a thousand tools. */
const MANY = 1010;
const CONFORMANCE = join(import.meta.dirname, "../conformance");
const own = `
  - name: find_text
    description: Finds a text, by the file.
    effect: read
    run: [grep, "\${{ flags }}", [-m, "\${{ most }}"], "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern: { type: string, required: true, description: What to look for }
      paths:   { type: array, items: { type: path }, within: workspace, default: ["."] }
      exact:   { type: boolean, flag: --fixed-strings }
      most:    { type: integer, minimum: 1 }
    ok_exit_codes: { 0: found, 1: nothing found }
    constraints: [{ check: "most < 10", message: "fewer than ten" }]
    retry: { attempts: 2, delay: 1s, on: [2, timeout] }
  - { name: first, description: d, effect: read, run: [echo, first], env: { LANG: C }, timeout: 50s }
  - { name: second, description: d, run: [echo, second], needs: [first], handoff: 1m, concurrency: 1 }
  - { name: third, description: d, shell: sh, run: 'echo "$arg_a"', params: { a: { type: string, default: x } } }
`;
const copy = (index: number): string =>
  `  - { name: copy_${index}, description: Number ${index}., run: [echo, "\${{ n }}"], params: { n: { type: integer, default: ${index % 3} } } }\n`;

let file = "";
let tools: readonly string[] = [];

/** The catalogue of the conformance suite, and commands of every kind. */
beforeEach(() => {
  const yaml = readFileSync(join(CONFORMANCE, "mcpfier.yaml"), "utf8");
  const copies = Array.from({ length: MANY }, (_, index) => copy(index)).join("");
  const path = folder({ "mcpfier.yaml": yaml, "changing.yaml": `commands:${own}${copies}` });
  for (const name of ["dot.png", "silence.wav", "static.txt", "example.txt"])
    copyFileSync(join(CONFORMANCE, name), join(path, name));
  file = join(path, "mcpfier.yaml");
  const names = [...`${yaml.split("\nprompts:")[0]}${own}`.matchAll(/^ {2}- (?:\{ )?name: (\w+)/gm)].map(
    ([, name = ""]) => name,
  );
  tools = [...names, "copy_0", "copy_1009"];
});

/** Answers of a whole session to all that can be asked, as texts without what differs between any two. */
async function answers(caches: string, requests: readonly object[]): Promise<readonly string[]> {
  const child = start(["serve", "-c", file], {
    env: { XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: join(caches, "n") },
  });
  const exit = once(child, "exit");
  const stdout = collect(child, "stdout");
  const stderr = collect(child, "stderr");
  let came = 0;
  child.stdout?.on("data", (chunk: Buffer) => (came += chunk.toString("latin1").split("\n").length - 1));
  for (const message of requests) child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const wanted = requests.filter((each) => "id" in each).length;
  await poll(
    () => came === wanted,
    () => `${came} of ${wanted} answers came; stderr: ${stderr()}`,
  );
  child.stdin?.end();
  await exit;
  return stdout().trim().split("\n").map(withoutChance).toSorted();
}

/** Ids of calls and of the process, and times. */
function withoutChance(line: string): string {
  return line
    .replace(/"(duration_ms|durationMs)":[\d.]+/g, '"$1":0')
    .replace(/(?:(?:\d+-){2}\d+\/)?\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b/g, "CALL");
}

type Ask = (method: string, params?: object) => object;

/** All that a client can ask, each tool called as a rehearsal, and those that are simple for good. */
function everything(ask: Ask): readonly object[] {
  const lists = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"].map((each) => ask(each));
  const call = (name: string, args: object, _meta: object = {}): object =>
    ask("tools/call", { name, arguments: args, _meta });
  return [
    ...lists,
    ask("tools/list", { cursor: "1000" }),
    ...tools.map((name) => call(name, {}, { "mcpfier/dryRun": true })),
    call("find_text", { pattern: "a.c", most: 3, exact: true, paths: ["mcpfier.yaml"] }, { "mcpfier/dryRun": true }),
    call("find_text", { pattern: "a.c", most: 12 }),
    call("first", {}),
    call("second", {}),
    call("third", { a: "said" }),
    call("copy_7", {}),
    ask("resources/read", { uri: "test://static-text" }),
    ask("prompts/get", { name: "test_simple_prompt" }),
  ];
}

function asOlder(): readonly object[] {
  let id = 0;
  const ask: Ask = (method, params = {}) => ({ id: ++id, method, params });
  return [initialize("2025-11-25"), { method: "notifications/initialized" }, ...everything(ask)];
}

function asNewer(): readonly object[] {
  let id = 0;
  const ask: Ask = (method, params = {}) => {
    const { _meta = {} } = params as { readonly _meta?: object };
    return { id: ++id, method, params: { ...params, _meta: { ..._meta, ...envelope() } } };
  };
  return [ask("server/discover"), ...everything(ask)];
}

test.each([
  ["2025-11-25", asOlder],
  ["2026-07-28", asNewer],
])(
  "every answer to a client of %s is the same with nothing cached, from the caches, and where nothing can be cached",
  async (_revision, requests) => {
    const caches = folder();
    const noPlace = join(folder({ file: "" }), "file");
    const cold = await answers(caches, requests());
    const [entry = "", ...others] = globSync(join(caches, "mcpfier/catalogue-*.json"));
    expect(others).toEqual([]);
    expect(cold.filter((line) => line.includes('"copy_1009"'))).toHaveLength(1);
    expect(cold.filter((line) => line.includes('"error":{"'))).toEqual([]);
    expect(await answers(noPlace, requests())).toEqual(cold);
    writeFileSync(entry, readFileSync(entry, "utf8").replace("by the file.", "by the cache."));
    const cached = await answers(caches, requests());
    expect(cached).not.toEqual(cold);
    expect(cached.map((line) => line.replace("by the cache.", "by the file."))).toEqual(cold);
  },
);
