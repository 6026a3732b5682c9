import { chmodSync, readFileSync, readdirSync, statSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../src/cli/replace-file.ts";
import { type Ran, atEnd, folder, mcpfier } from "../rig.ts";

const OLD = `# mine
commands:
  - name: hello # says it
    script: echo
    args: ["Hello"]
    description: Says hello.
`;
const NEW = `# mine
commands:
  - name: hello # says it
    run: [echo, "Hello"]
    description: Says hello.
`;

async function migrate(cwd: string, ...args: readonly string[]): Promise<Ran> {
  return mcpfier(["migrate", ...args], { cwd, env: { NO_COLOR: "1", MCPFIER_CONFIG: undefined } });
}

describe("mcpfier migrate", () => {
  it("prints today's spelling of the file that would be served, and writes nothing", async () => {
    const cwd = folder({ "config.yaml": OLD });
    expect(await migrate(cwd)).toMatchObject({ code: 0, stdout: NEW });
    expect(readdirSync(cwd)).toEqual(["config.yaml"]);
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(OLD);
  });

  it("prints a file of today as it is, and says that there was nothing to do", async () => {
    const cwd = folder({ "mcpfier.yaml": NEW });
    expect(await migrate(cwd, "mcpfier.yaml")).toEqual({
      code: 0,
      signal: null,
      stdout: NEW,
      stderr: "mcpfier: mcpfier.yaml: nothing to migrate\n",
    });
  });

  it("exits with 1 for --check when there is something to migrate, and with 0 when there is not", async () => {
    const cwd = folder({ "old.yaml": OLD, "new.yaml": NEW });
    expect(await migrate(cwd, "old.yaml", "--check")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "mcpfier: old.yaml: can be migrated\n",
    });
    expect(await migrate(cwd, "new.yaml", "--check")).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(join(cwd, "old.yaml"), "utf8")).toBe(OLD);
  });

  it("replaces the file for --write, keeps what was there, and does it once", async () => {
    const cwd = folder({ "config.yaml": OLD });
    const file = join(cwd, "config.yaml");
    chmodSync(file, 0o640);
    const first = await migrate(cwd, "config.yaml", "--write");
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toContain("config.yaml.bak");
    expect(readFileSync(file, "utf8")).toBe(NEW);
    expect(readFileSync(`${file}.bak`, "utf8")).toBe(OLD);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(await migrate(cwd, "config.yaml", "--write")).toMatchObject({
      code: 0,
      stderr: "mcpfier: config.yaml: nothing to migrate\n",
    });
    expect(readdirSync(cwd)).toEqual(["config.yaml", "config.yaml.bak"]);
  });

  it("never loses an older copy", async () => {
    const cwd = folder({ "config.yaml": OLD, "config.yaml.bak": "older" });
    expect(await migrate(cwd, "config.yaml", "--write")).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, "config.yaml.bak"), "utf8")).toBe("older");
    expect(readFileSync(join(cwd, "config.yaml.1.bak"), "utf8")).toBe(OLD);
  });

  it("writes through a link, and leaves the link", async () => {
    const cwd = folder({ "real/config.yaml": OLD });
    symlinkSync("real/config.yaml", join(cwd, "config.yaml"));
    expect(await migrate(cwd, "config.yaml", "--write")).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, "real/config.yaml"), "utf8")).toBe(NEW);
    expect(readdirSync(cwd)).toEqual(["config.yaml", "real"]);
  });

  it("keeps a byte order mark and CRLF", async () => {
    const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
    const cwd = folder({ "config.yaml": `\uFEFF${crlf(OLD)}` });
    expect(await migrate(cwd, "config.yaml", "--write")).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(`\uFEFF${crlf(NEW)}`);
  });

  it("leaves what has no other spelling", async () => {
    const server = 'server: # of the original\n  http: { port: 8080, token: "${NOT_SET_ANYWHERE}" }\n';
    const cwd = folder({ "config.yaml": `${server}${OLD}` });
    expect(await migrate(cwd)).toMatchObject({ code: 0, stdout: `${server}${NEW}` });
  });

  it("finds programs and includes from where the file is", async () => {
    const include = "include: [more.yaml]\n";
    const cwd = folder({
      "sub/config.yaml": `${include}${OLD.replace("script: echo", "script: ./hello.sh")}`,
      "sub/more.yaml": "commands:\n  - { name: more, description: More., run: [echo] }\n",
    });
    writeFileSync(join(cwd, "sub/hello.sh"), "#!/bin/sh\n", { mode: 0o755 });
    expect(await migrate(cwd, "sub/config.yaml")).toMatchObject({
      code: 0,
      stdout: `${include}${NEW.replace("echo", "./hello.sh")}`,
    });
  });
});

describe("mcpfier migrate says of a shell's `${NAME}`, which is this machine's where it is set there,", () => {
  const loop = (word: string): string =>
    OLD.replace("script: echo", "script: bash").replace(
      '["Hello"]',
      () => `[-c, "for i in 1 2; do echo \${i} ${word} \${MORE:-none}; done"]`,
    );

  it("what it made of it, and what would hold elsewhere", async () => {
    const cwd = folder({ "config.yaml": loop("${FOO}") });
    const { code, stdout, stderr } = await mcpfier(["migrate", "config.yaml"], {
      cwd,
      env: { NO_COLOR: "1", FOO: "set", i: undefined },
    });
    expect(code).toBe(0);
    expect(stdout).toContain("echo $${i} ${FOO} ${MORE:-none}");
    expect(stderr).toContain(
      "config.yaml:5:39: warning[legacy]: `${i}` is the shell's own, as i is not set here; where it is set, it was its value",
    );
    expect(stderr).toContain(
      "config.yaml:5:44: warning[legacy]: `${FOO}` is read as its value, as FOO is set here; where it is not, it was the shell's own",
    );
    expect(stderr).not.toContain("as MORE is");
  });

  it("nothing where nothing depends on it", async () => {
    const cwd = folder({ "config.yaml": loop("$${FOO}").replace("${i}", "$i") });
    expect(await migrate(cwd, "config.yaml")).toMatchObject({ code: 0, stderr: "" });
  });
});

it("mcpfier migrate writes the empty text that an empty item of `args` was", async () => {
  const cwd = folder({ "config.yaml": OLD.replace('["Hello"]', "\n      - a # - b\n      -\n      - # c\n      - d") });
  const { code, stdout } = await migrate(cwd, "config.yaml");
  expect(code).toBe(0);
  expect(stdout).toContain('      - a # - b\n      - ""\n      - "" # c\n      - d\n');
});

describe("mcpfier migrate refuses, says why, and leaves", () => {
  it.each(["script", "args", "timeout"])("an explicit key, where it stands: %s", async (key) => {
    const text = `${OLD}    timeout: 30\n`.replace(new RegExp(`${key}: (.*)`), `? ${key}\n    : $1`);
    const cwd = folder({ "config.yaml": text });
    const { code, stdout, stderr } = await migrate(cwd, "config.yaml", "--write");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    const line = text.split("\n").findIndex((each) => each.includes("?")) + 1;
    expect(stderr).toContain(`config.yaml:${line}:7: error[bad-key]: \`? ${key}\` cannot be rewritten`);
    expect(stderr).toContain(`write \`${key}: ...\``);
    expect(stderr).not.toContain("on the way");
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(text);
  });

  it("a file that does not load", async () => {
    const cwd = folder({ "config.yaml": `${OLD}  - name: hello\n    script: ls\n` });
    const { code, stdout, stderr } = await migrate(cwd, "config.yaml", "--write");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("duplicate-name");
    expect(readdirSync(cwd)).toEqual(["config.yaml"]);
  });

  it("a file that is not there", async () => {
    const { code, stderr } = await migrate(folder(), "config.yaml");
    expect(code).toBe(3);
    expect(stderr).toContain("config.yaml: there is no such file");
  });

  it("an anchor that something else needs", async () => {
    const text = `${OLD.replace('["Hello"]', '&words ["Hello"]')}  - name: other\n    description: Another.\n    run: [echo, *words]\n`;
    const bad = text.replace("[echo, *words]", "*words");
    const cwd = folder({ "config.yaml": bad });
    const { code, stdout, stderr } = await migrate(cwd, "config.yaml", "--write");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("no anchor &words");
    expect(stderr).toContain("the file is left as it is");
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(bad);
    expect(readdirSync(cwd)).toEqual(["config.yaml"]);
  });

  it("a text that it cannot find again, as an escape spells it", async () => {
    const text = OLD.replace("script: echo", "script: bash").replace(
      '["Hello"]',
      '[-c, "echo \\u0024{nothing_of_ours}"]',
    );
    const cwd = folder({ "config.yaml": text });
    expect(await mcpfier(["--validate"], { cwd })).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await migrate(cwd, "config.yaml");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("rewritten, it would not load");
  });

  it("a file that changed since it was read", async () => {
    const file = join(folder({ "config.yaml": `${OLD}# and more\n` }), "config.yaml");
    const source = { file, path: file, text: OLD, worldWritable: false };
    await expect(replaceFile(source, NEW)).rejects.toThrow("it changed in the meantime");
    expect(readFileSync(file, "utf8")).toBe(`${OLD}# and more\n`);
    expect(readdirSync(join(file, ".."))).toEqual(["config.yaml"]);
  });

  it("a file that somebody else saves just before it is replaced", async () => {
    const cwd = folder({ "config.yaml": OLD });
    const file = join(cwd, "config.yaml");
    const source = { file, path: file, text: OLD, worldWritable: false };
    const theirs = `${OLD}# saved meanwhile\n`;
    const watcher = watch(cwd, (_, name) => {
      if (name === `config.yaml.${process.pid}.new` && readFileSync(file, "utf8") === OLD) writeFileSync(file, theirs);
    });
    atEnd(() => watcher.close());
    // The new text is long, so that it takes longer to write than to see that it is begun.
    const replaced = replaceFile(source, `${NEW}#${"x".repeat(20_000_000)}\n`);
    await expect(replaced).rejects.toThrow("it changed in the meantime");
    expect(readFileSync(file, "utf8")).toBe(theirs);
    expect(readdirSync(cwd)).toEqual(["config.yaml"]);
  });

  it("a folder that cannot be written to", async () => {
    const cwd = folder({ "config.yaml": OLD });
    const { code, stderr } = await mcpfier(["migrate", "config.yaml", "--write"], {
      cwd,
      under: ["prlimit", "--fsize=0", "--"],
    });
    expect(code).toBe(3);
    expect(stderr).toContain("it could not be written");
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(OLD);
  });
});

describe("the original's options", () => {
  it.each([
    [["-c", "sub/config.yaml", "hello"]],
    [["--config", "sub/config.yaml", "hello"]],
    [["--config=sub/config.yaml", "hello"]],
    [["hello", "--config", "sub/config.yaml"]],
  ])("%j runs the command of that file", async (args) => {
    const cwd = folder({ "sub/config.yaml": OLD });
    expect(await mcpfier(args, { cwd })).toMatchObject({ code: 0, stdout: "Hello\n" });
  });

  it.each([
    [["--mcp", "--config", "sub/config.yaml"]],
    [["--config", "sub/config.yaml", "--mcp"]],
    [["--mcp", "--config=sub/config.yaml"]],
    [["-c", "sub/config.yaml"]],
  ])("%j serves that file on stdin and stdout", async (args) => {
    const cwd = folder({ "sub/config.yaml": OLD });
    const input = [
      {
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
      },
      { method: "notifications/initialized" },
      { id: 2, method: "tools/list" },
    ];
    const lines = input.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join("");
    const { code, stdout } = await mcpfier(args, { cwd, input: lines });
    expect(code).toBe(0);
    expect(stdout).toContain('"name":"hello"');
  });
});
