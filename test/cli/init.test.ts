import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../src/init/source.ts";
import { readTemplates } from "../../src/init/templates.ts";
import { BIN, atEnd, collect, folder, mcpfier, poll } from "../rig.ts";

describe("mcpfier init", () => {
  it("writes the smallest template where nothing is said, checks it, and says what comes next", async () => {
    const cwd = folder();
    const { code, stdout, stderr } = await mcpfier(["init"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      `${cwd}/mcpfier.yaml is written: 2 commands\n\nNext:\n  mcpfier validate\n  mcpfier run search_text --help\n  mcpfier setup\n`,
    );
    const lines = readFileSync(join(cwd, "mcpfier.yaml"), "utf8").split("\n");
    expect(lines[0]).toMatch(/^# yaml-language-server: \$schema=\/.*\/schemas\/mcpfier\.schema\.json$/);
    expect(lines[1]).toBe(lines[0]?.replace("yaml-language-server: $schema=", "$schema: "));
    expect(existsSync(lines[1]?.replace("# $schema: ", "") ?? "")).toBe(true);
    expect(lines.filter((line) => line.includes("$schema"))).toHaveLength(2);
    expect(readdirSync(cwd)).toEqual(["mcpfier.yaml"]);
  });

  it("never overwrites, neither a file nor a link, and leaves nothing behind", async () => {
    const cwd = folder({ "mcpfier.yaml": "mine\n" });
    const refused = await mcpfier(["init", "--template", "git"], { cwd });
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toMatch(/mcpfier\.yaml is there already, and is left as it is; name another file/);
    expect(readFileSync(join(cwd, "mcpfier.yaml"), "utf8")).toBe("mine\n");
    symlinkSync("nowhere", join(cwd, "link.yaml"));
    expect((await mcpfier(["init", "link.yaml"], { cwd })).code).toBe(3);
    expect(lstatSync(join(cwd, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(readdirSync(cwd).toSorted()).toEqual(["link.yaml", "mcpfier.yaml"]);
  });

  it("writes into folders that it makes, and names the file in what comes next", async () => {
    const cwd = folder({ "package.json": '{ "scripts": { "hello": "echo hello" } }' });
    const { code, stdout } = await mcpfier(["init", "new/tools.yaml", "--from", "package.json"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain(`  mcpfier validate ${cwd}/new/tools.yaml\n`);
    const ran = await mcpfier(["--config", "new/tools.yaml", "run", "npm_hello"], { cwd });
    expect(ran).toMatchObject({ code: 0, stdout: "hello\n" });
    mkdirSync(join(cwd, "there"));
    expect((await mcpfier(["init", "there"], { cwd })).stdout).toContain(`${cwd}/there/mcpfier.yaml is written`);
  });

  it("prints instead of writing for `-`, also beside a catalogue, and lists what was left out on stderr", async () => {
    const cwd = folder({ "mcpfier.yaml": "mine\n", Makefile: "all:\n\techo\n%.o: %.c\n\tcc\n" });
    const { code, stdout, stderr } = await mcpfier(["init", "-", "--from", "Makefile"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("  - name: make_all\n");
    expect(stderr).toBe("mcpfier: not brought over:\n  target `%.o`: it is a pattern, or its name is made by make\n");
    expect(stdout).toMatch(/# Not brought over:\n# - target `%\.o`: it is a pattern, or its name is made by make\n$/);
    expect(readdirSync(cwd).toSorted()).toEqual(["Makefile", "mcpfier.yaml"]);
  });

  it("answers in JSON", async () => {
    const cwd = folder();
    const { stdout } = await mcpfier(["init", "--template", "minimal", "--json"], { cwd });
    expect(JSON.parse(stdout)).toEqual({
      file: join(cwd, "mcpfier.yaml"),
      commands: ["search_text", "current_time"],
      warnings: [],
      notes: [],
      next: ["mcpfier validate", "mcpfier run search_text --help", "mcpfier setup"],
    });
    const listed = JSON.parse((await mcpfier(["init", "--list", "--json"], { cwd })).stdout) as {
      sources: { kind: string }[];
    };
    expect(listed.sources.map(({ kind }) => kind)).toEqual([
      "package.json",
      "just",
      "make",
      "task",
      "openapi",
      "mcpshell",
      "gen-mcp",
      "help",
    ]);
  });

  it.each([
    [["--template", "gti"], 2, /there is no template "gti"; did you mean "git"\?/],
    [["--from", "nothing"], 3, /nothing was made of nothing: cannot read .*: it is gone/],
    [["--from", "x", "--template", "git"], 2, /cannot be used with option/],
    [["a", "b"], 2, /too many arguments/],
  ])("refuses %j and writes nothing", async (words, code, message) => {
    const cwd = folder();
    const ran = await mcpfier(["init", ...words], { cwd });
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(ran.stderr).toMatch(message);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("does what docs/init.md shows, which names every template and every kind of source", async () => {
    const page = readFileSync("docs/init.md", "utf8");
    const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
    const lines = Array.from(block.matchAll(/^mcpfier (.*?)(?:\s+#.*)?$/gm), ([, words = ""]) => words.split(" "));
    expect(lines).toHaveLength(5);
    for (const words of lines) {
      const cwd = folder({ "package.json": '{ "scripts": { "a": "b" } }', Makefile: "all:\n\techo\n" });
      expect(await mcpfier(words, { cwd }), words.join(" ")).toMatchObject({ code: 0 });
    }
    for (const { name } of readTemplates()) expect(page).toContain(`\n| \`${name}\` | `);
    for (const [kind] of KINDS) expect(page).toContain(`\`${kind}`);
  });

  it("asks on a terminal what to begin with, what is there first", async () => {
    const cwd = folder({ Makefile: "hello:\n\techo hello\n" });
    const { CI: _ci, ...env } = process.env;
    // `script` gives it a terminal.
    const child = spawn("script", ["-qec", `stty cols 100 rows 40; "${process.execPath}" "${BIN}" init`, "/dev/null"], {
      cwd,
      env: { ...env, TERM: "xterm" },
    });
    atEnd(() => child.kill("SIGKILL"));
    const ended = once(child, "close");
    const stdout = collect(child, "stdout");
    await poll(
      () => stdout().includes("minimal"),
      () => `it did not ask: ${stdout()}`,
    );
    expect(stdout()).toMatch(/Makefile[\s\S]*git/);
    child.stdin.write("\r");
    await ended;
    expect(readFileSync(join(cwd, "mcpfier.yaml"), "utf8")).toContain("make_hello");
  });
});
