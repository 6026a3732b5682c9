import { realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client as ClientTwo, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { BIN, atEnd, collect, folder, mcpfier, poll, start } from "../rig.ts";
import type { Answer } from "./clients.ts";
import { type Line, type Wire, initialize, wire } from "./wire.ts";

const YAML = `
workspace: client
commands:
  - name: show
    description: Shows a file.
    effect: read
    run: [cat, --, "\${{ file }}"]
    params: { file: { type: path, exists: file, default: name } }
    cache: { ttl: 1h }
  - { name: where, description: Says where., run: [pwd] }
  - { name: far, description: Needs none., run: [pwd], cwd: / }
  - { name: made, description: Where there is a Makefile., run: [pwd], when: 'file("Makefile")' }
resources:
  - { uri: "work:///name", name: name, file: name }
`;

/** A folder that a client has open, by its name. */
function project(name: string, more: Readonly<Record<string, string>> = {}): string {
  return folder({ name: `${name}\n`, ...more });
}

type Roots = () => readonly { readonly uri: string }[];
interface Session {
  call(tool: string, args?: Readonly<Record<string, unknown>>): Promise<string>;
  tools(): Promise<readonly string[]>;
  resource(): Promise<string>;
  changed(): Promise<void>;
}

const INFO = { name: "mcpfier-tests", version: "1" };
const ABLE = { capabilities: { roots: { listChanged: true } } };
const CLEAN = { CLAUDE_PROJECT_DIR: "", CURSOR_PROJECT_DIR: "", GEMINI_PROJECT_DIR: "" };
const uriOf = (path: string): { readonly uri: string } => ({ uri: pathToFileURL(path).href });
const textOf = (answer: unknown): string => (answer as Answer).content[0]?.text ?? "";

const launch = (catalogue: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => ({
  command: process.execPath,
  args: [BIN, "serve", "-c", catalogue, ...words],
  env: { ...CLEAN, ...env },
  stderr: "ignore" as const,
});

function faceOf(client: ClientOne | ClientTwo): Session {
  return {
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: { ...args } })),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    resource: async () => {
      const { resources } = await client.listResources();
      if (!resources.some(({ uri }) => uri === "work:///name")) return "nothing";
      const { contents } = await client.readResource({ uri: "work:///name" });
      return (contents[0] as { readonly text: string }).text;
    },
    changed: () => client.sendRootsListChanged(),
  };
}

async function one(roots: Roots, ...how: Parameters<typeof launch>): Promise<Session> {
  const client = new ClientOne(INFO, ABLE);
  atEnd(() => client.close());
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [...roots()] }));
  await client.connect(new TransportOne(launch(...how)));
  return faceOf(client);
}

function clientTwo(mode: "legacy" | "auto", roots: Roots): ClientTwo {
  const client = new ClientTwo(INFO, { ...ABLE, versionNegotiation: { mode } });
  atEnd(() => client.close());
  client.setRequestHandler("roots/list", () => ({ roots: [...roots()] }));
  return client;
}

async function two(roots: Roots, ...how: Parameters<typeof launch>): Promise<Session> {
  const client = clientTwo("legacy", roots);
  await client.connect(new TransportTwo(launch(...how)));
  return faceOf(client);
}

async function modern(...how: Parameters<typeof launch>): Promise<Session> {
  const client = clientTwo("auto", () => []);
  await client.connect(new TransportTwo(launch(...how)));
  return faceOf(client);
}

const catalogue = (yaml = YAML): string =>
  join(folder({ "mcpfier.yaml": yaml, name: "the catalogue\n" }), "mcpfier.yaml");

describe.each([
  ["SDK 1", one],
  ["SDK 2 (legacy)", two],
])("the root of %s", (_, open) => {
  test("is the workspace, followed through links, and another one after the client says so", async () => {
    const [first, second] = [project("first"), project("second", { Makefile: "" })];
    const link = join(folder(), "a link");
    symlinkSync(first, link);
    let roots = [uriOf(join(first, "name")), uriOf(link), uriOf(second)];
    const session = await open(() => roots, catalogue());
    expect(await session.call("where")).toBe(`${first}\n`);
    expect(await session.call("show")).toBe("first\n");
    expect(await session.call("show", { file: join(second, "name") })).toContain("refused (path.outside)");
    expect(await session.resource()).toBe("first\n");
    expect(await session.tools()).not.toContain("made");
    roots = [uriOf(second)];
    await session.changed();
    expect(await session.call("show")).toBe("second\n");
    expect(await session.tools()).toContain("made");
    roots = [];
    await session.changed();
    expect(await session.call("show")).toContain("refused (workspace.missing)");
  });
});

describe("without a root", () => {
  test.each([
    ["of the newer era", () => modern(catalogue())],
    [
      "whose roots are no folders",
      () => one(() => [uriOf("/nowhere/at all"), { uri: "file://elsewhere/tmp" }], catalogue()),
    ],
  ])("a client %s is refused what needs a workspace, and told what to do", async (_, open) => {
    const session = await open();
    const refused = await session.call("where");
    expect(refused).toContain("refused (workspace.missing)");
    expect(refused).toContain("`--workspace FOLDER`");
    expect(await session.call("show")).toContain("refused (workspace.missing)");
    expect(await session.call("far")).toBe("/\n");
    expect(await session.resource()).toBe("nothing");
  });

  test("the variable of a client counts, and `--workspace` before everything else", async () => {
    const [named, said, open] = [project("named"), project("said"), project("open")];
    const file = catalogue();
    const env = { CLAUDE_PROJECT_DIR: named };
    expect(await (await modern(file, [], env)).call("show")).toBe("named\n");
    expect(await (await one(() => [uriOf(said)], file, [], env)).call("show")).toBe("said\n");
    // The same folder, named on the command line, stays what it is.
    expect(await (await one(() => [uriOf(open)], file, ["--workspace", said], env)).call("show")).toBe("said\n");
  });

  test("a client that refuses to name them is answered all the same", async () => {
    const session = await wire(YAML, null);
    const hello = initialize("2025-06-18") as { readonly params: object };
    session.send({ ...hello, params: { ...hello.params, capabilities: { roots: {} } } });
    await session.answer("initialize");
    session.send({ method: "notifications/initialized" });
    session.send({ id: 1, method: "tools/list" }, { id: 2, method: "tools/call", params: { name: "far" } });
    const asked = () => session.lines().filter(({ method }) => method === "roots/list");
    await poll(
      () => asked().length > 0,
      () => session.stderr(),
    );
    session.send({ id: asked()[0]?.id, error: { code: -32601, message: "no such method" } });
    expect(textOf((await session.answer(2)).result)).toBe("/\n");
    expect((await session.answer(1)).result).toMatchObject({ tools: {} });
    expect(asked()).toHaveLength(1);
    expect(await session.end()).toBe(0);
  });
});

describe("a client of the older era, byte by byte,", () => {
  /** A session whose roots are asked for; `answered` gives what came of a call. */
  async function asking(): Promise<{ session: Wire; asked: () => readonly Line[]; where(id: number): void }> {
    const session = await wire(YAML, null);
    const hello = initialize("2025-06-18") as { readonly params: object };
    session.send({ ...hello, params: { ...hello.params, capabilities: { roots: { listChanged: true } } } });
    await session.answer("initialize");
    session.send({ method: "notifications/initialized" });
    return {
      session,
      asked: () => session.lines().filter(({ method }) => method === "roots/list"),
      where: (id) => session.send({ id, method: "tools/call", params: { name: "where" } }),
    };
  }

  test("whose answer about its old roots comes after the one about the new ones has the new ones", async () => {
    const [before, after] = [realpathSync(project("before")), realpathSync(project("after"))];
    const { session, asked, where } = await asking();
    const askedTimes = (times: number): Promise<void> =>
      poll(
        () => asked().length === times,
        () => session.stderr(),
      );
    where(1);
    await askedTimes(1);
    session.send({ method: "notifications/roots/list_changed" });
    where(2);
    await askedTimes(2);
    const [old, now] = asked();
    session.send({ id: now?.id, result: { roots: [uriOf(after)] } });
    expect(textOf((await session.answer(2)).result)).toBe(`${after}\n`);
    session.send({ id: old?.id, result: { roots: [uriOf(before)] } });
    expect(textOf((await session.answer(1)).result)).toBe(`${after}\n`);
    where(3);
    expect(textOf((await session.answer(3)).result)).toBe(`${after}\n`);
    expect(await session.end()).toBe(0);
  });

  test("has the first root that is a folder here, whatever stands before it", async () => {
    const root = realpathSync(project("third"));
    const { session, asked, where } = await asking();
    where(1);
    await poll(
      () => asked().length === 1,
      () => session.stderr(),
    );
    const roots = [{ uri: "vscode-remote://ssh/x" }, { name: "none" }, null, uriOf(join(root, "gone")), uriOf(root)];
    session.send({ id: asked()[0]?.id, result: { roots } });
    expect(textOf((await session.answer(1)).result)).toBe(`${root}\n`);
    expect(await session.end()).toBe(0);
  });
});

test("Over HTTP each session has its own root, and none that of another", async () => {
  const file = catalogue();
  const server = start(["serve", "-c", file, "--http", "127.0.0.1:0"], { env: CLEAN });
  atEnd(() => server.kill());
  const stderr = collect(server, "stderr");
  await poll(() => /serving at \S+/.test(stderr()), stderr);
  const url = new URL(/serving at (\S+)/.exec(stderr())?.[1] ?? "");
  const names = ["canary-one", "canary-two", "canary-three"];
  const sessions = await Promise.all(
    names.map(async (name) => {
      const root = project(name);
      const client = clientTwo("legacy", () => [uriOf(root)]);
      await client.connect(new StreamableHTTPClientTransport(url));
      return faceOf(client);
    }),
  );
  for (let round = 0; round < 2; round++) {
    const shown = await Promise.all(sessions.flatMap((each) => [each.call("show"), each.resource()]));
    expect(shown).toEqual(names.flatMap((name) => [`${name}\n`, `${name}\n`]));
  }
  const without = clientTwo("auto", () => []);
  await without.connect(new StreamableHTTPClientTransport(url));
  expect(await faceOf(without).call("show")).toContain("workspace.missing");
});

test("A changed catalogue is served for the root of the client, and one that cannot be used there only to others", async () => {
  const [root, other] = [project("first"), project("second")];
  const file = catalogue();
  let roots = [uriOf(root)];
  const session = await one(() => roots, file);
  expect(await session.call("show")).toBe("first\n");
  const box =
    "  - { name: box, description: d, run: [ls], container: { image: i, mounts: ['${{ workspace }}:/work:ro'] } }\n";
  writeFileSync(`${file}.new`, YAML.replace("resources:", `${box}resources:`).replace("[cat, --,", "[head, -c3, --,"));
  renameSync(`${file}.new`, file);
  for (let tools: readonly string[] = []; !tools.includes("box"); tools = await session.tools());
  expect(await session.call("show")).toBe("fir");
  roots = [uriOf("/")];
  await session.changed();
  expect(await session.call("show")).toContain("refused (workspace.missing)");
  expect(await session.call("far")).toBe("/\n");
  roots = [uriOf(other)];
  await session.changed();
  expect(await session.call("show")).toBe("sec");
});

describe("the command line", () => {
  test("is its own client: its folder is the workspace, and a catalogue is valid wherever it stands", async () => {
    const here = project("here");
    const tested =
      "  - { name: tested, description: d, run: [pwd], tests: [{ argv: [pwd], cwd: '${{ workspace }}' }] }\nresources:";
    const file = catalogue(YAML.replace("resources:", tested));
    const run = (...words: readonly string[]) => mcpfier([...words, "-c", file], { cwd: here, env: CLEAN });
    expect((await run("run", "show")).stdout).toBe("here\n");
    expect(JSON.parse((await run("dry-run", "where")).stdout)).toMatchObject({ plan: { cwd: realpathSync(here) } });
    expect((await run("run", "where", "--workspace", "/")).stdout).toBe("/\n");
    expect((await mcpfier(["validate", file], { cwd: here, env: CLEAN })).code).toBe(0);
    expect((await mcpfier(["test", file], { cwd: here, env: CLEAN })).stdout).toContain("1 passed, 0 failed");
  });
});
