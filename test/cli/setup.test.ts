import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { placeOf } from "../../src/setup/place.ts";
import { clients } from "../../src/setup/registry.ts";
import { BIN, type Ran, atEnd, collect, folder, mcpfier } from "../rig.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";

const CATALOGUE = "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n";
const EMPTY = '{\n  "mcpServers": {}\n}\n';
const CURSOR = ".cursor/mcp.json";

/** A home with clients and a catalogue; nothing of this machine's own is seen. */
function homeWith(files: Readonly<Record<string, string>>): string {
  return folder({ "mcpfier.yaml": CATALOGUE, ...files });
}

function envOf(home: string): Record<string, string | undefined> {
  const unset = ["XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "MCPFIER_CONFIG"].map((name) => [name, undefined] as const);
  return { ...Object.fromEntries(unset), HOME: home, PATH: "/usr/bin:/bin", NO_COLOR: "1", SECRET: "hunter2" };
}

async function setup(home: string, ...args: readonly string[]): Promise<Ran> {
  return mcpfier(["setup", ...args], { cwd: home, env: envOf(home) });
}

function textOf(home: string, file = CURSOR): string {
  return readFileSync(join(home, file), "utf8");
}

describe("mcpfier setup", () => {
  it("registers in the only client that is here, starts what it wrote, and takes it out again", async () => {
    const home = homeWith({ [CURSOR]: EMPTY });
    const first = await setup(home);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Cursor: registered in .*mcp\.json\n/) });
    expect(first.stdout).toMatch(/\n {2}2 tools in \d+ ms\n {2}next: /);
    expect(first.stdout).toContain('\n  +    "mcpfier": {\n');
    const { command, args } = JSON.parse(textOf(home)).mcpServers.mcpfier;
    expect([command, ...args]).toEqual([process.execPath, BIN, "serve", "--config", join(home, "mcpfier.yaml")]);
    expect(textOf(home, `${CURSOR}.bak`)).toBe(EMPTY);

    const again = await mcpfier(["--setup"], { cwd: home, env: envOf(home) });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Cursor: already registered in/) });
    expect(readdirSync(join(home, ".cursor"))).toEqual(["mcp.json", "mcp.json.bak"]);

    expect(await setup(home, "--remove")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Cursor: taken out of/),
    });
    expect(textOf(home)).toBe(EMPTY);
    expect(await setup(home, "--remove")).toMatchObject({ code: 0, stdout: "" });
  });

  it("says which clients are here where there are several, and writes them all when told", async () => {
    const home = homeWith({});
    const where = { platform: process.platform, env: {}, home };
    const files = clients.map((client) => Object.values(placeOf(client, where)).flat()[0] ?? "");
    for (const file of files) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "{}\n");
    }
    const asked = await setup(home);
    expect(asked).toMatchObject({ code: 2, stdout: "" });
    for (const { id } of clients) expect(asked.stderr).toContain(`\n  ${id} `);
    expect(asked.stderr).toContain("--client NAME, or --all");
    expect(await setup(home, "--all")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes writes them") });
    for (const file of files) expect(readFileSync(file, "utf8")).toBe("{}\n");

    const done = await setup(home, "--all", "--yes", "--json");
    expect(done.code).toBe(0);
    const rows = JSON.parse(done.stdout) as readonly { client: string; action: string; started: unknown }[];
    expect(rows.map(({ client }) => client)).toEqual(clients.map(({ id }) => id));
    for (const row of rows) expect(row).toMatchObject({ action: "create", started: { tools: 2 } });
  });

  it("asks on a terminal before it writes several files", async () => {
    const home = homeWith({ [CURSOR]: EMPTY, ".kiro/settings/mcp.json": EMPTY });
    for (const [answer, code] of [
      ["n", 1],
      ["y", 0],
    ] as const) {
      const command = `${process.execPath} ${BIN} setup --all`;
      const child = spawn("script", ["-qec", command, "/dev/null"], {
        cwd: home,
        env: { ...process.env, ...envOf(home) },
      });
      const shown = collect(child, "stdout");
      atEnd(() => child.kill("SIGKILL"));
      let isAnswered = false;
      child.stdout.on("data", () => {
        if (isAnswered || !shown().includes("[y/N]")) return;
        isAnswered = true;
        child.stdin.write(`${answer}\r`);
      });
      const [ended] = (await once(child, "close")) as [number];
      expect({ ended, shown: shown() }).toMatchObject({ ended: code });
      expect(textOf(home) === EMPTY).toBe(answer === "n");
    }
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
    await setup(home);
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
    const without = await setup(home);
    expect(without).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("it was written, but does not start there"),
    });
    expect(without.stdout).toContain("unset-variable");
    const passed = await setup(home, "--pass", "SECRET");
    expect(passed).toMatchObject({ code: 0, stdout: expect.stringMatching(/brought up to date[^]*2 tools in/) });
  });

  it.each([
    [["--print"], { mcpServers: { mcpfier: { command: process.execPath } } }],
    [["--print", "--client", "zed"], { context_servers: { mcpfier: { source: "custom" } } }],
  ])("prints the entry for %j", async (args, entry) => {
    const { code, stdout } = await setup(homeWith({}), ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(entry);
  });

  it.each([
    [["--client", "cursr"], 2, 'did you mean "cursor"?'],
    [["--client", "codex"], 2, "`mcpfier setup --print` prints the entry, and it goes into ~/.codex/config.toml"],
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

  it("leaves a file alone that it does not understand, and says what goes into it", async () => {
    const home = homeWith({ [CURSOR]: '{ "mcpServers": ' });
    const { code, stdout } = await setup(home);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Cursor: left alone: .*: line 1, column 17: a value is expected\n[^]*"mcpfier": \{/);
    expect(textOf(home)).toBe('{ "mcpServers": ');
    const passing = await setup(homeWith({}), "--client", "claude-desktop", "--pass", "SECRET");
    expect(passing).toMatchObject({ code: 3, stdout: expect.stringContaining('"SECRET": "the value of SECRET"') });
  });
});

describe("docs/setup.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/setup.md"), "utf8");

  it("has the clients, their files and what they can, as the code has them", () => {
    const home = "/home/me";
    const rows = clients.map((client) => {
      const [file] = Object.values(placeOf(client, { platform: "linux", env: {}, home })).flat();
      const project = client.project === null ? "" : `\`${client.project}\` `;
      return `| \`${client.id}\` | \`${file?.replace(home, "~")}\` | ${project}| ${client.reference === null ? "" : "yes "}|\n`;
    });
    expect(page).toContain(`|---|---|---|---|\n${rows.join("")}\n`);
  });

  it("has every option", async () => {
    const { stdout } = await mcpfier(["setup", "--help"]);
    for (const [, option = ""] of stdout.matchAll(/^ {2}(--[a-z-]+)/gm)) expect(page).toContain(`\`${option}`);
  });
});
