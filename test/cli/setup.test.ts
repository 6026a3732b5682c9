import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownerId } from "../../src/base/owner.ts";
import { bundleOf } from "../../src/setup/bundle.ts";
import { placeOf } from "../../src/setup/place.ts";
import { clients } from "../../src/setup/registry.ts";
import { serveHere } from "../http/rig.ts";
import { BIN, type Ran, atEnd, collect, folder, mcpfier, poll, start } from "../rig.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";

const CATALOGUE = "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n";
const EMPTY = '{\n  "mcpServers": {}\n}\n';
const CURSOR = ".cursor/mcp.json";
const LEDGER = ".local/state/mcpfier/registrations.json";

/** A home with clients and a catalogue; nothing of this machine's own is seen. */
function homeWith(files: Readonly<Record<string, string>>): string {
  return folder({ "mcpfier.yaml": CATALOGUE, ...files });
}

function envOf(home: string): Record<string, string | undefined> {
  const unset = ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "MCPFIER_CONFIG", "CI"].map(
    (name) => [name, undefined] as const,
  );
  return { ...Object.fromEntries(unset), HOME: home, PATH: "/usr/bin:/bin", NO_COLOR: "1", SECRET: "hunter2" };
}

async function setup(home: string, ...args: readonly string[]): Promise<Ran> {
  return mcpfier(["setup", ...args], { cwd: home, env: envOf(home) });
}

/** Every client whose file is written, and its file. */
const written = clients.filter(({ user }) => typeof user !== "string");
function filesIn(home: string): readonly string[] {
  const where = { platform: process.platform, env: {}, home };
  return written.map((client) => Object.values(placeOf(client, where)).flat()[0] ?? "");
}

/** Runs it on a terminal, and types each answer when its question is there; `ENTER` and `CTRL_C` are keys. */
async function onTerminal(
  home: string,
  args: readonly string[],
  answers: readonly (readonly [question: string, keys: string])[],
  columns = 150,
): Promise<{ readonly code: number; readonly shown: string }> {
  // Its own terminal has no width.
  const command = `stty cols ${columns} rows 50; ${[process.execPath, BIN, "setup", ...args].join(" ")}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: home, env: { ...process.env, ...envOf(home) } });
  const shown = collect(child, "stdout");
  atEnd(() => child.kill("SIGKILL"));
  const ended = once(child, "close") as Promise<[number]>;
  let from = 0;
  for (const [question, keys] of answers) {
    await poll(
      () => shown().includes(question, from),
      () => `${question} is not asked: ${shown()}`,
    );
    from = shown().indexOf(question, from) + question.length;
    child.stdin.write(keys);
  }
  const [code] = await ended;
  return { code, shown: shown() };
}

const ENTER = "\r";
const CTRL_C = "\u0003";

function textOf(home: string, file = CURSOR): string {
  return readFileSync(join(home, file), "utf8");
}

describe("mcpfier setup", () => {
  it("registers in the only client that is here, starts what it wrote, and takes it out again", async () => {
    const home = homeWith({ [CURSOR]: EMPTY });
    const first = await setup(home, "--client", "cursor");
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Cursor: registered in .*mcp\.json\n/) });
    expect(first.stdout).toMatch(/\n {2}2 tools in \d+ ms\n {2}next: /);
    expect(first.stdout).toContain('\n  +    "mcpfier": {\n');
    expect(first.stdout).toContain("`mcpfier setup --remove --client cursor` takes it out again");
    const { command, args } = JSON.parse(textOf(home)).mcpServers.mcpfier;
    expect([command, ...args]).toEqual([process.execPath, BIN, "serve", "--config", join(home, "mcpfier.yaml")]);
    const backups = join(home, ".local/state/mcpfier/backups/cursor");
    const [backup = ""] = readdirSync(backups);
    expect(readFileSync(join(backups, backup), "utf8")).toBe(EMPTY);
    expect(statSync(join(backups, backup)).mode & 0o777).toBe(0o600);

    const again = await mcpfier(["--setup", "--all"], { cwd: home, env: envOf(home) });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Cursor: already registered in/) });
    expect(readdirSync(join(home, ".cursor"))).toEqual(["mcp.json"]);

    expect(await setup(home, "--remove")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Cursor: taken out of/),
    });
    expect(textOf(home)).toBe(EMPTY);
    expect(await setup(home, "--remove")).toMatchObject({ code: 0, stdout: "" });
  });

  it("gives back what was there before the first server, and leaves what others wrote since then", async () => {
    const home = homeWith({ ".kiro/settings/mcp.json": '{ "a": 1 }\n', ".gemini/settings.json": "" });
    const add = async (name: string): Promise<Ran> =>
      setup(home, "--client", "cursor,kiro,gemini-cli", "--yes", "--name", name);
    const remove = async (name: string): Promise<Ran> =>
      setup(home, "--remove", "--client", "cursor,kiro,gemini-cli", "--yes", "--name", name);
    for (const name of ["a", "b"]) expect(await add(name)).toMatchObject({ code: 0 });
    expect(await remove("a")).toMatchObject({ code: 0 });
    expect(JSON.parse(textOf(home)).mcpServers).toHaveProperty("b");
    const last = await remove("b");
    expect(last).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("which goes too: `mcpfier setup` had made it"),
    });
    expect(last.stdout).toContain("+++ /dev/null");
    expect(readdirSync(home)).not.toContain(".cursor");
    expect(textOf(home, ".kiro/settings/mcp.json")).toBe('{ "a": 1 }\n');
    expect(textOf(home, ".gemini/settings.json")).toBe("");

    await setup(home, "--client", "cursor");
    const text = textOf(home).replace("{", '{ "theme": "x",');
    writeFileSync(join(home, CURSOR), text);
    await remove("mcpfier");
    expect(textOf(home)).toBe('{ "theme": "x"\n}\n');
  });

  it("says which clients are here where there are several, and writes them all when told", async () => {
    const home = homeWith({});
    const files = filesIn(home);
    for (const file of files) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "");
    }
    const asked = await setup(home);
    expect(asked).toMatchObject({ code: 2, stdout: "" });
    for (const { id } of written) expect(asked.stderr).toContain(`\n  ${id} `);
    expect(asked.stderr).toContain("--client NAME, or --all");
    expect(await setup(home, "--all")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes writes them") });
    for (const file of files) expect(readFileSync(file, "utf8")).toBe("");

    const done = await setup(home, "--all", "--yes", "--json");
    expect(done.code).toBe(0);
    const rows = JSON.parse(done.stdout) as readonly { client: string; action: string; started: unknown }[];
    expect(rows.map(({ client }) => client)).toEqual(written.map(({ id }) => id));
    for (const row of rows) expect(row).toMatchObject({ action: "create", started: { tools: 2 }, lacking: [] });

    const table = await mcpfier(["clients", "--json"], { cwd: home, env: envOf(home) });
    expect(table.code).toBe(0);
    for (const row of JSON.parse(table.stdout) as readonly { client: string }[])
      expect(row).toMatchObject(
        row.client === "jetbrains"
          ? { state: "by hand", installed: false, registered: false }
          : { state: "current", installed: true, registered: true, up_to_date: true, last_start: { tools: 2 } },
      );
  });

  it("asks on a terminal before it writes several files", async () => {
    const home = homeWith({ [CURSOR]: EMPTY, ".kiro/settings/mcp.json": EMPTY });
    for (const [answer, code] of [
      ["n", 1],
      ["y", 0],
    ] as const) {
      // One that does not know its width has none.
      const ended = await onTerminal(home, ["--all"], [["Write these 2 files?", answer]], 0);
      expect(ended).toMatchObject({ code });
      expect(ended.shown.match(/^ *\+ +"mcpfier": \{/gm)).toHaveLength(2);
      expect(textOf(home) === EMPTY).toBe(answer === "n");
    }
  });

  it("asks on a terminal for all that was not said, with what is here chosen already", async () => {
    const home = homeWith({ [CURSOR]: EMPTY, ".kiro/settings/mcp.json": EMPTY });
    const questions = [
      "Where is it registered?",
      "What is the server called",
      "In which clients?",
      "Write these 2 files?",
    ];
    const left = await onTerminal(
      home,
      [],
      [
        [questions[0] ?? "", ENTER],
        [questions[1] ?? "", CTRL_C],
      ],
    );
    expect(left).toMatchObject({ code: 130, shown: expect.stringContaining("nothing was written") });
    const seen = await onTerminal(
      home,
      [],
      questions.map((each, index) => [each, index < 3 ? ENTER : CTRL_C]),
    );
    expect(seen).toMatchObject({ code: 130, shown: expect.stringContaining('+    "mcpfier": {') });
    expect(textOf(home)).toBe(EMPTY);
    const done = await onTerminal(
      home,
      [],
      questions.map((each) => [each, ENTER]),
    );
    expect(done).toMatchObject({ code: 0, shown: expect.stringContaining("Kiro: registered in") });
    expect(JSON.parse(textOf(home)).mcpServers).toHaveProperty("mcpfier");
    const quiet = await onTerminal(home, ["--no-input"], []);
    expect(quiet).toMatchObject({ code: 2, shown: expect.stringContaining("--client NAME, or --all") });
  });

  it("registers a server at a URL, each client in its own words, and asks there", async () => {
    const { url } = await serveHere(CATALOGUE);
    const home = homeWith({});
    const asked = await setup(home, "--client", "cursor,gemini-cli,codex,goose", "--http", url, "--yes", "--json");
    expect(asked).toMatchObject({ code: 0 });
    expect(JSON.parse(asked.stdout)).toMatchObject(Array.from({ length: 4 }, () => ({ started: { tools: 2 } })));
    expect(JSON.parse(textOf(home))).toEqual({ mcpServers: { mcpfier: { url } } });
    expect(JSON.parse(textOf(home, ".gemini/settings.json"))).toEqual({
      mcpServers: { mcpfier: { type: "http", url } },
    });
    expect(textOf(home, ".codex/config.toml")).toBe(`[mcp_servers.mcpfier]\nurl = "${url}"\n`);
    expect(textOf(home, ".config/goose/config.yaml")).toContain(`    type: streamable_http\n    name: mcpfier\n`);
    const rows = await mcpfier(["clients", "--json"], { cwd: home, env: envOf(home) });
    const cursor = (JSON.parse(rows.stdout) as readonly { client: string }[]).find(({ client }) => client === "cursor");
    expect(cursor).toMatchObject({ state: "registered", registered: true, up_to_date: null });
    const none = await setup(home, "--client", "claude-desktop", "--http", url);
    expect(none).toMatchObject({ code: 3, stdout: expect.stringContaining("in its settings, under Connectors") });
    const gone = await setup(home, "--client", "kiro", "--http", "http://127.0.0.1:9/mcp");
    expect(gone).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("nothing answers at http://127.0.0.1:9/mcp"),
    });
  });

  it("tells of clients whose entry is old, gone or none, without a catalogue too", async () => {
    const home = homeWith({ [CURSOR]: EMPTY, ".kiro/settings/mcp.json": EMPTY, ".gemini/settings.json": "{" });
    await setup(home, "--client", "cursor,kiro", "--yes");
    writeFileSync(join(home, CURSOR), EMPTY);
    const list = async (...args: string[]): Promise<Ran> =>
      mcpfier(["clients", ...args], { cwd: home, env: envOf(home) });
    const { stdout, code } = await list("--workspace", ".");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✖ +cursor +yes +was registered, and is gone/m);
    expect(stdout).toMatch(/^▲ +kiro +yes +registered, not up to date/m);
    expect(stdout).toMatch(/^▲ +gemini-cli +yes +line 1, column 2/m);
    expect(stdout).toMatch(/^· +codex +no +not registered +.*config\.toml$/m);
    const bare = await list("--config", "missing.yaml");
    expect(bare.stdout).toMatch(/^✔ +kiro +yes +registered  /m);
  });

  it("has Claude Code write its own file, where it is", async () => {
    const home = homeWith({ ".claude.json": '{ "a": 1 }' });
    const program = `#!${process.execPath}
const fs = require("node:fs");
const [, , , verb, , , name, json] = process.argv;
const file = process.env.HOME + "/.claude.json";
const data = JSON.parse(fs.readFileSync(file, "utf8"));
data.mcpServers ??= {};
if (verb === "remove") delete data.mcpServers[name];
else data.mcpServers[name] = JSON.parse(json);
data.by = verb;
fs.writeFileSync(file, JSON.stringify(data));
`;
    mkdirSync(join(home, "bin"));
    writeFileSync(join(home, "bin/claude"), program, { mode: 0o755 });
    const env = { ...envOf(home), PATH: `${join(home, "bin")}:/usr/bin:/bin` };
    const run = async (...args: string[]): Promise<Ran> => mcpfier(["setup", ...args], { cwd: home, env });
    expect(await run("--client", "claude-code")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/2 tools in/),
    });
    expect(JSON.parse(textOf(home, ".claude.json"))).toMatchObject({
      a: 1,
      by: "add-json",
      mcpServers: { mcpfier: { type: "stdio" } },
    });
    // What its user wrote into it is nothing for a command line, and an entry that is taken out first may stay out.
    const mine = JSON.parse(textOf(home, ".claude.json")) as {
      mcpServers: { mcpfier: { args: unknown; env: unknown } };
    };
    mine.mcpServers.mcpfier = { ...mine.mcpServers.mcpfier, args: ["old"], env: { KEY: "hunter2" } };
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ ...mine, by: "me" }));
    expect(await run("--client", "claude-code")).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining("hunter2"),
    });
    expect(JSON.parse(textOf(home, ".claude.json"))).toMatchObject({
      by: "me",
      mcpServers: { mcpfier: { env: { KEY: "hunter2" }, command: process.execPath } },
    });
    expect(await run("--remove")).toMatchObject({ code: 0 });
    expect(JSON.parse(textOf(home, ".claude.json"))).toEqual({ a: 1, by: "remove", mcpServers: {} });
    writeFileSync(join(home, "bin/claude"), "#!/bin/sh\nexit 1\n");
    expect(await run("--client", "claude-code")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/2 tools in/),
    });
  });

  it("registers all servers of setups that run at the same time, and remembers them, after one that died too", async () => {
    const home = homeWith({ [CURSOR]: EMPTY, ".local/state/mcpfier/setup.lock": "1-1-1" });
    const dead = spawn(process.execPath, ["-e", ""]);
    await once(dead, "exit");
    const [, , space = ""] = ownerId().split("-");
    writeFileSync(join(home, ".local/state/mcpfier/setup.lock"), `${dead.pid}-1-${space}`);
    const names = ["a", "b", "c", "d", "e", "f"];
    const all = await Promise.all(names.map(async (name) => setup(home, "--client", "cursor", "--name", name)));
    for (const each of all) expect(each).toMatchObject({ code: 0, stdout: expect.stringContaining("registered in") });
    expect(Object.keys(JSON.parse(textOf(home)).mcpServers).toSorted()).toEqual(names);
    const rows = JSON.parse(textOf(home, ".local/state/mcpfier/registrations.json")) as readonly { name: string }[];
    expect(rows.map(({ name }) => name).toSorted()).toEqual(names);
    expect(readdirSync(join(home, ".local/state/mcpfier")).toSorted()).toEqual(["backups", "registrations.json"]);
  });

  it.each(["SIGINT", "SIGKILL"] as const)("can be undone after %s while it tries what it wrote", async (signal) => {
    const home = homeWith({ "bin/x": "" });
    const silent = createServer();
    atEnd(() => silent.close());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/mcp`;
    const args = ["setup", "--client", "cursor,kiro", "--http", url, "--yes"];
    const child = start(args, { cwd: home, env: envOf(home) });
    const [shown, ended] = [collect(child, "stderr"), once(child, "close")];
    const [socket] = (await once(silent, "connection")) as [Socket];
    child.kill(signal);
    socket.on("error", () => undefined).resume();
    const [code] = (await ended) as [number | null];
    expect(JSON.parse(textOf(home)).mcpServers).toHaveProperty("mcpfier");
    if (signal === "SIGINT") {
      expect(code).toBe(130);
      expect(shown()).toContain(
        `interrupted; what was written stands: ${join(home, CURSOR)}; 1 client left as before\n`,
      );
    }
    const list = await mcpfier(["clients"], { cwd: home, env: envOf(home) });
    expect(list.stdout).toMatch(/^✔ +cursor +yes +registered  /m);
    writeFileSync(join(home, LEDGER), textOf(home, LEDGER).replace("[", "[5,"));
    expect(await setup(home, "--remove", "--client", "cursor")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/registrations\.json.*: 1 of 2 notes are damaged, and are ignored\n/),
    });
    expect(readdirSync(home).toSorted()).toEqual([".local", "bin", "mcpfier.yaml"]);
  });

  it.skipIf(process.platform !== "linux")("warns of an application that may undo what is written", async () => {
    const home = homeWith({ ".config/Claude/claude_desktop_config.json": EMPTY });
    copyFileSync("/bin/sleep", join(home, "claude-desktop"));
    const child = spawn(join(home, "claude-desktop"), ["60"], { stdio: "ignore" });
    atEnd(() => child.kill("SIGKILL"));
    const done = await setup(home, "--client", "claude-desktop");
    expect(done).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`Claude Desktop runs (process ${child.pid}), and may write`),
    });
  });

  it("tells of programs that a desktop does not find", async () => {
    const home = homeWith({
      "mcpfier.yaml": "commands:\n  - { name: own, description: Says hello., run: [own-program] }\n",
      "bin/own-program": "#!/bin/sh\n",
    });
    chmodSync(join(home, "bin/own-program"), 0o755);
    const env = { ...envOf(home), PATH: `${join(home, "bin")}:/usr/bin:/bin` };
    const done = await mcpfier(["setup", "--client", "cursor"], { cwd: home, env });
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        "the program own-program is not on PATH. Say `defaults: { env: { login_path: true } }`",
      ),
    });
  });

  it("shows what would change and writes nothing, for --dry-run and --check", async () => {
    const home = homeWith({ [CURSOR]: EMPTY });
    expect(await setup(home, "--dry-run")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("would be registered in"),
    });
    expect(await setup(home, "--check")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('+    "mcpfier": {'),
    });
    expect(readdirSync(join(home, ".cursor"))).toEqual(["mcp.json"]);
    await setup(home, "--all");
    expect(await setup(home, "--check")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("already registered"),
    });
    expect(await setup(home, "--check", "--remove")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("would be taken out"),
    });
  });

  it("writes the file of a project, under another name, with variables by their names", async () => {
    const home = homeWith({});
    const done = await setup(
      home,
      "--client",
      "claude-code",
      "--scope",
      "project",
      "--name",
      "tools",
      "--pass",
      "SECRET",
    );
    expect(done.code).toBe(0);
    expect(JSON.parse(textOf(home, ".mcp.json"))).toMatchObject({
      mcpServers: { tools: { type: "stdio", env: { SECRET: "${SECRET}" } } },
    });
    expect(done.stdout + textOf(home, ".mcp.json")).not.toContain("hunter2");
  });

  it("starts the entry as its client does, with its variables", async () => {
    const yaml = 'commands:\n  - { name: "a_${SECRET:-none}", description: Says hello., run: [echo, "${SECRET}"] }\n';
    const tuned = '{ "mcpServers": { "mcpfier": { "env": { "PORT": 80 }, "autoApprove": [] } } }';
    const home = homeWith({ "mcpfier.yaml": yaml, [CURSOR]: tuned });
    const without = await setup(home, "--all");
    expect(without).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("it was written, but does not start there"),
    });
    expect(without.stdout).toContain("unset-variable");
    const passed = await setup(home, "--all", "--pass", "SECRET");
    expect(passed).toMatchObject({ code: 0, stdout: expect.stringMatching(/brought up to date[^]*2 tools in/) });
  });

  it.each([
    [["--print"], { mcpServers: { mcpfier: { command: process.execPath } } }],
    [["--print", "--client", "zed"], { context_servers: { mcpfier: { source: "custom" } } }],
    [["--print", "--http", "http://127.0.0.1:1/mcp"], { mcpServers: { mcpfier: { url: "http://127.0.0.1:1/mcp" } } }],
    [["--print", "--client", "jetbrains"], { mcpServers: { mcpfier: { command: process.execPath } } }],
  ])("prints the entry for %j", async (args, entry) => {
    const { code, stdout } = await setup(homeWith({}), ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(entry);
  });

  it("names the one-click bundle of Claude Desktop, where it can be had", async () => {
    const clone = folder({ "dist/mcpfier.mjs": "", "scripts/bundle-mcpb.ts": "" });
    const where = { env: {}, home: "/", platform: "darwin" } as const;
    const told = (id: string): (string | null)[] =>
      clients
        .filter((client) => client.id === id)
        .map((client) => bundleOf(client, where, join(clone, "dist/mcpfier.mjs")));
    const { stderr } = await setup(homeWith({}), "--print", "--client", "claude-desktop");
    expect(stderr).not.toContain("one-click");
    expect(told("claude-desktop")).toEqual([expect.stringContaining("npm run bundle:mcpb")]);
    expect(told("cursor")).toEqual([null]);
    mkdirSync(join(clone, "bundle"));
    writeFileSync(join(clone, "bundle/mcpfier.mcpb"), "");
    expect(told("claude-desktop")).toEqual([`open ${join(clone, "bundle/mcpfier.mcpb")}`]);
  });

  it("prints links and other languages", async () => {
    const { stdout, stderr } = await setup(homeWith({}), "--print", "--client", "cursor,codex,continue", "--name", "x");
    const config = encodeURIComponent(
      Buffer.from(JSON.stringify(JSON.parse(stdout.slice(0, stdout.indexOf("[mcp_"))).mcpServers.x)).toString("base64"),
    );
    expect(stderr).toContain(`cursor://anysphere.cursor-deeplink/mcp/install?name=x&config=${config}`);
    expect(stdout).toContain("\n[mcp_servers.x]\n");
    expect(stdout).toContain("\nmcpServers:\n  - name: x\n    command: ");
  });

  it.each([
    [["--client", "cursr"], 2, 'did you mean "cursor"?'],
    [["--http", "ftp://example.org"], 2, "expected a URL"],
    [["--http", "http:host"], 2, "expected a URL"],
    [["--http", "http://a /mcp"], 2, "expected a URL"],
    [["--http", "http://a/mcp\n"], 2, "expected a URL"],
    [["--http", "http://a/mcp?api_key=x"], 2, "without a user, a password"],
    [["--http", "http://u:p@a/mcp"], 2, "without a user, a password"],
    [["--http", "http://a/mcp", "--pass", "A"], 2, "cannot be used with option"],
    [["--client", "windsurf", "--scope", "project"], 2, "Windsurf reads no file of a project"],
    [["--all", "--client", "zed"], 2, "cannot be used with option"],
    [["--name", "a b"], 2, "expected up to 64 letters"],
    [["--pass", "A=1"], 2, "its value is not written"],
    [[], 69, "no client was found; looked for Claude Desktop,"],
    [["--config", "missing.yaml"], 3, "file-unreadable"],
    [["--config", "broken.yaml"], 3, "missing-key"],
  ])("says what is wrong with %j", async (args, code, words) => {
    const home = homeWith({ "broken.yaml": "commands: [{ description: x }]\n" });
    expect(await setup(home, ...args)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(words) });
  });

  it("prints entries as JSON where that is asked for", async () => {
    const printed = await setup(
      homeWith({}),
      "--print",
      "--json",
      "--client",
      "codex,claude-desktop",
      "--http",
      "http://a/mcp",
    );
    const [codex, desktop] = JSON.parse(printed.stdout);
    expect(codex).toMatchObject({ client: "codex", entry: { url: "http://a/mcp" }, link: null, reason: "" });
    expect(codex.snippet).toContain("[mcp_servers.mcpfier]");
    expect(desktop).toMatchObject({ entry: null, snippet: null, reason: expect.stringContaining("Connectors") });
  });

  it("leaves a file alone that it does not understand, and says what goes into it", async () => {
    const home = homeWith({ [CURSOR]: '{ "mcpServers": ' });
    const { code, stdout } = await setup(home, "--all");
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Cursor: left alone: .*: line 1, column 17: a value is expected\n[^]*"mcpfier": \{/);
    expect(textOf(home)).toBe('{ "mcpServers": ');
    const passing = await setup(homeWith({}), "--client", "claude-desktop", "--pass", "SECRET");
    expect(passing).toMatchObject({ code: 3, stdout: expect.stringContaining('"SECRET": "the value of SECRET"') });
    const byHand = await setup(homeWith({}), "--client", "jetbrains");
    expect(byHand).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/paste the entry in Settings[^]*"mcpfier": \{/),
    });
  });
});

const NOBODY = 65_534;

/** A home of a user who is not root, in which some things are not his. */
describe.skipIf(process.getuid?.() !== 0)("for who may not write everything, mcpfier setup", () => {
  async function asNobody(home: string, ...args: readonly string[]): Promise<Pick<Ran, "code" | "stdout">> {
    const words = [BIN, "setup", ...args];
    const child = spawn(process.execPath, words, { cwd: home, env: envOf(home), uid: NOBODY, gid: NOBODY });
    const stdout = collect(child, "stdout");
    const [code] = (await once(child, "close")) as [number];
    return { code, stdout: stdout() };
  }

  it.each([
    ["a file that only its owner may write", 0o644, NOBODY, "it is not yours to write"],
    ["a file that would get another owner", 0o666, NOBODY, "it is another user's or another group's"],
    ["a folder that only its owner may write", 0o666, 0, "EACCES"],
  ])("leaves %s as it is", async (_what, mode, owner, reason) => {
    const home = homeWith({ [CURSOR]: EMPTY });
    chmodSync(join(home, CURSOR), mode);
    for (const path of [home, owner === 0 ? home : join(home, ".cursor")]) chownSync(path, NOBODY, NOBODY);
    const left = await asNobody(home, "--client", "cursor");
    expect(left).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Cursor: left alone: /) });
    expect(left.stdout).toContain(reason);
    expect(left.stdout).toContain('"mcpfier": {');
    expect(textOf(home)).toBe(EMPTY);
    expect(readdirSync(join(home, ".cursor"))).toEqual(["mcp.json"]);
    const backups = join(home, ".local/state/mcpfier/backups/cursor");
    expect(existsSync(backups) ? readdirSync(backups) : []).toEqual([]);
  });

  it("takes no file out of a folder that is not theirs, and makes none there", async () => {
    const home = homeWith({ ".kiro/other": "" });
    chownSync(home, NOBODY, NOBODY);
    expect(await asNobody(home, "--client", "cursor")).toMatchObject({ code: 0 });
    const text = textOf(home);
    chownSync(join(home, ".cursor"), 0, 0);
    expect(await asNobody(home, "--remove")).toMatchObject({ code: 3, stdout: expect.stringContaining("EACCES") });
    expect(textOf(home)).toBe(text);
    expect(readdirSync(join(home, ".cursor"))).toEqual(["mcp.json"]);
    const none = await asNobody(home, "--client", "kiro");
    expect(none).toMatchObject({ code: 3, stdout: expect.stringMatching(/left alone: .*EACCES/) });
    expect(readdirSync(join(home, ".kiro"))).toEqual(["other"]);
  });
});

describe("docs/setup.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/setup.md"), "utf8");

  it("has the clients, their files and what they can, as the code has them", () => {
    const home = "/home/me";
    const where = { platform: "linux", env: {}, home } as const;
    const rows = written.map((client) => {
      const [file] = Object.values(placeOf(client, where)).flat();
      const project = client.project.length === 0 ? "" : `\`${client.project[0]}\` `;
      const [pass, http] = [client.stdio.pass !== null, typeof client.http !== "string"].map((can) =>
        can ? "yes " : "",
      );
      return `| \`${client.id}\` | \`${file?.replace(home, "~")}\` | ${project}| ${pass}| ${http}|\n`;
    });
    expect(page).toContain(`|---|---|---|---|---|\n${rows.join("")}\n`);
  });

  it("has every option", async () => {
    const { stdout } = await mcpfier(["setup", "--help"]);
    for (const [, option = ""] of stdout.matchAll(/^ {2}(--[a-z-]+)/gm)) expect(page).toContain(`\`${option}`);
  });
});
