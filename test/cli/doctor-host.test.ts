// What doctor finds of the catalogue, of this machine and of its clients; doctor.test.ts is about containers.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listen } from "../containers/engine.ts";
import { BIN, PACKAGE, type Ran, folder, mcpfier } from "../rig.ts";

interface Finding {
  readonly status: string;
  readonly name: string;
  readonly text: string;
  readonly mend: string;
}

/** A machine of its own: a home folder, and nothing of this one's clients and engines. */
function machine(files: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string | undefined>> = {}) {
  const home = folder({ "work/mcpfier.yaml": "commands: []\n", ...files });
  const cwd = join(home, "work");
  const around = {
    HOME: home,
    XDG_CONFIG_HOME: undefined,
    XDG_STATE_HOME: undefined,
    DOCKER_HOST: undefined,
    NO_COLOR: "1",
    ...env,
  };
  const run = (...words: readonly string[]): Promise<Ran> => mcpfier(words, { cwd, env: around });
  async function found(name: string): Promise<readonly Finding[]> {
    const { stdout } = await run("doctor", "--json");
    return (JSON.parse(stdout) as readonly Finding[]).filter((each) => each.name === name);
  }
  return { home, cwd, run, found };
}

const catalogue = (...commands: readonly object[]): Record<string, string> => ({
  "work/mcpfier.yaml": JSON.stringify({
    commands: commands.map((keys, index) =>
      Object.assign({ name: `c${index}`, description: "Says hello.", run: ["true"] }, keys),
    ),
  }),
});

describe("mcpfier doctor", () => {
  test("prints a line for each finding, with what mends it below, and exits with 1 where something does not work", async () => {
    const { run } = machine(catalogue({ run: ["no-such-program"] }, {}));
    const { code, stdout, stderr } = await run("doctor");
    expect(stdout).toMatch(/^✔ {2}versions +mcpfier \S+, Node\.js \S+, \w+ \w+\n/);
    expect(stdout).toMatch(/^✔ {2}catalogue +\S+mcpfier\.yaml: 2 commands\n/m);
    expect(stdout).toMatch(
      /^✖ {2}programs +no-such-program of c0 was not found\n {3} +→ install no-such-program, or write its absolute path\n/m,
    );
    expect(stderr).toMatch(/^mcpfier: 1 error, \d+ warnings?\n$/);
    expect(code).toBe(1);
  });

  test("says whether a process of its own starts programs, and runs them all the same where that cannot be started", async () => {
    expect(await machine().found("spawner")).toMatchObject([{ status: "fine", mend: "" }]);
    const place = folder();
    cpSync(PACKAGE, place, { recursive: true });
    const [spawner = ""] = globSync("dist/mcpfier-spawner-*", { cwd: place });
    chmodSync(join(place, spawner), 0o644);
    // A system lets root execute nothing that nobody may, either.
    const run = (...words: readonly string[]): string =>
      spawnSync(process.execPath, [join(place, "dist/mcpfier.mjs"), ...words], { cwd: place, encoding: "utf8" }).stdout;
    const findings = JSON.parse(run("doctor", "--json")) as readonly Finding[];
    expect(findings.find(({ name }) => name === "spawner")).toMatchObject({
      status: "warning",
      text: expect.stringMatching(/^the server starts programs itself/),
      mend: expect.stringContaining("musl-tools"),
    });
    writeFileSync(join(place, "mcpfier.yaml"), catalogue({ run: ["echo", "hello"] })["work/mcpfier.yaml"] ?? "");
    expect(run("run", "c0")).toBe("hello\n");
  });

  test("says which command shows what is wrong with the catalogue", async () => {
    const { found, run } = machine({
      "work/mcpfier.yaml": "commands: [{ name: a, run: ['true'], container: x }, { name: b, run: ['true'], odd: 1 }]\n",
    });
    expect(await found("catalogue")).toMatchObject([
      { status: "error", mend: expect.stringMatching(/^mcpfier validate \S+mcpfier\.yaml$/) },
    ]);
    const { code, stdout } = await run("doctor");
    expect(code).toBe(1);
    for (const name of ["programs", "workspace", "containers", "http"])
      expect(stdout).toMatch(new RegExp(`^▲ {2}${name} +not looked at, as the catalogue has errors$`, "m"));
  });

  test("tells programs that a desktop application's server would not find", async () => {
    const files = catalogue({ run: ["mine"] }, { run: ["./here"] }, { run: ["sh", "-x"] });
    const { home, cwd, found } = machine({ ...files, "bin/mine": "#!/bin/sh\n", "work/here": "#!/bin/sh\n" });
    for (const file of [join(home, "bin/mine"), join(cwd, "here")]) chmodSync(file, 0o755);
    const env = { PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}` };
    const { stdout } = await mcpfier(["doctor", "--json"], { cwd, env: { ...env, HOME: home } });
    const programs = (JSON.parse(stdout) as readonly Finding[]).filter(({ name }) => name === "programs");
    expect(programs).toMatchObject([
      { status: "fine", text: "2 of 3 programs found, with the PATH of a desktop application as well" },
      {
        status: "warning",
        text: expect.stringContaining("mine of c0 is not on the PATH of desktop"),
        mend: expect.stringContaining("login_path"),
      },
    ]);
    expect(await found("programs")).toMatchObject([{}, { status: "error" }]);
  });

  test("tells variables that are not set, and those that a desktop application keeps to itself", async () => {
    const keys = { env: { inherit: ["DOCTOR_SET", "DOCTOR_UNSET", "HOME"], A: "${DOCTOR_FILLED:-x}" } };
    const { found } = machine(catalogue(keys), { DOCTOR_SET: "1", DOCTOR_FILLED: "1", DOCTOR_UNSET: undefined });
    expect(await found("environment")).toEqual([
      {
        status: "warning",
        name: "environment",
        text: "desktop applications do not pass on DOCTOR_FILLED, DOCTOR_SET",
        mend: "mcpfier setup --pass DOCTOR_FILLED --pass DOCTOR_SET",
      },
      { status: "fine", name: "environment", text: "named and not set here: DOCTOR_UNSET", mend: "" },
    ]);
    const { found: broken } = machine(catalogue({ run: ["echo", "${DOCTOR_UNSET}"] }), { DOCTOR_UNSET: undefined });
    expect(await broken("environment")).toMatchObject([
      { status: "error", text: "the environment variable DOCTOR_UNSET is not set" },
    ]);
    const { found: refused } = machine(catalogue({ env: { A: "${DOCTOR_UNSET}" } }), { DOCTOR_UNSET: undefined });
    expect(await refused("environment")).toHaveLength(1);
  });

  test("tries the port that the catalogue names for HTTP", async () => {
    const server = createServer();
    await listen(server, { port: 0, host: "127.0.0.1" });
    const { port } = server.address() as AddressInfo;
    const { found } = machine({
      "work/mcpfier.yaml": `commands: []\nserver: { http: { host: 127.0.0.1, port: ${port} } }\n`,
    });
    expect(await found("http")).toMatchObject([
      { status: "warning", text: expect.stringContaining("(EADDRINUSE)"), mend: `mcpfier serve --http ${port + 1}` },
    ]);
  });

  test("tells of clients that are here: not registered, registered, and with an entry of something else", async () => {
    const { home, cwd, found, run } = machine({ ".cursor/other.json": "{}", ...catalogue({}) });
    const again = `mcpfier setup --client cursor --config ${join(cwd, "mcpfier.yaml")}`;
    expect(await found("clients")).toEqual([
      { status: "fine", name: "clients", text: "Cursor: not registered", mend: "mcpfier setup --client cursor" },
    ]);
    const file = join(home, ".cursor/mcp.json");
    expect((await run("setup", "--client", "cursor", "--yes")).code).toBe(0);
    expect(await found("clients")).toMatchObject([
      {
        status: "fine",
        text: expect.stringMatching(/^Cursor: registered in \S+mcp\.json; tried on [\d-]{10}: \d+ tools$/),
        mend: "",
      },
    ]);
    const entry = readFileSync(file, "utf8");
    writeFileSync(file, entry.replace("mcpfier.yaml", "no-such.yaml"));
    expect(await found("clients")).toMatchObject([
      { status: "error", text: expect.stringContaining("no-such.yaml, which is not there any more") },
    ]);
    writeFileSync(file, "{}");
    expect(await found("clients")).toMatchObject([
      {
        status: "error",
        text: expect.stringMatching(/somebody took it out; .*: quit Cursor first$/),
        mend: again,
      },
    ]);
    writeFileSync(file, entry.replace('"--config"', '"--workspace", "/", "--config"'));
    expect(await found("clients")).toMatchObject([{ status: "warning", mend: `${again} --workspace /` }]);
    writeFileSync(file, entry);
    expect((await run("setup", "--client", "cursor", "--name", "tools", "--workspace", "/", "--yes")).code).toBe(0);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("mcpfier.yaml", "gone.yaml"));
    const text = expect.stringContaining("not there any more");
    expect(await found("clients")).toMatchObject([
      { status: "error", text, mend: again },
      { status: "error", text, mend: `${again.replace(" --config", " --name tools --config")} --workspace /` },
    ]);
    expect((await run("clients")).stdout).toMatch(/^✖ +cursor +yes +.*not there/m);
    expect((await run("setup", "--client", "cursor", "--name", "tools", "--remove")).code).toBe(0);
    writeFileSync(file, "{ broken");
    expect(await found("clients")).toMatchObject([{ status: "warning", mend: `${again} --print` }]);
  });

  test("tells of registrations in other projects, by commands that can be pasted", async () => {
    const { home, cwd, found } = machine({ "a project/own.yaml": "commands: []\n" }, { SECRET: "x" });
    const project = join(home, "a project");
    const bin = join(home, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "mcpfier"), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 });
    const paste = (command: string) =>
      execFileSync("sh", ["-c", command], {
        cwd,
        stdio: "pipe",
        env: { HOME: home, PATH: `${bin}:/usr/bin:/bin`, SECRET: "x", NO_COLOR: "1" },
      }).toString();
    const words = "--client claude-code --scope project --name own --config own.yaml --workspace . --pass SECRET";
    paste(`cd '${project}' && mcpfier setup ${words}`);
    const file = join(project, ".mcp.json");
    const entry = readFileSync(file, "utf8");
    expect(await found("clients")).toMatchObject([
      { status: "fine", text: expect.stringMatching(/^Claude Code \(own\): registered in .*\.mcp\.json; tried on/) },
    ]);
    for (const change of ["{}", entry.replace(/"args": \[[^\]]*\]/, '"args": ["/gone"]')]) {
      writeFileSync(file, change);
      const [{ status, mend } = { status: "", mend: "" }] = await found("clients");
      expect(status).toBe("error");
      expect(mend).toBe(
        `cd '${project}' && mcpfier setup --client claude-code --scope project --name own --config '${join(project, "own.yaml")}' --workspace '${project}' --pass SECRET`,
      );
      paste(mend);
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(entry));
    }
  });

  const BROKEN = "commands: [{ name: a, odd: 1 }]\n";
  const WEAK =
    "commands: [{ name: a, description: d, run: ['true', '${DOCTOR_FILLED}'], params: { x: { type: string } } }]\n";
  test.each([
    ["no catalogue", undefined, [], ["mcpfier init", "mcpfier init"]],
    [
      "a catalogue with an error",
      BROKEN,
      ["--config", "my 'cat'.yaml"],
      [
        String.raw`mcpfier validate 'my '\''cat'\''.yaml'`,
        String.raw`mcpfier setup --client cursor --config 'my '\''cat'\''.yaml'`,
      ],
    ],
    [
      "a catalogue of another name",
      WEAK,
      ["--config", "my 'cat'.yaml"],
      [
        String.raw`mcpfier validate 'my '\''cat'\''.yaml'`,
        String.raw`mcpfier setup --pass DOCTOR_FILLED --config 'my '\''cat'\''.yaml'`,
        String.raw`mcpfier setup --client cursor --config 'my '\''cat'\''.yaml'`,
      ],
    ],
  ])("with %s, its commands can be pasted", async (_what, text, words, expected) => {
    const home = folder({ ".cursor/other.json": "{}", ...(text === undefined ? {} : { "my 'cat'.yaml": text }) });
    mkdirSync(join(home, "bin"));
    const shim = `#!/bin/sh\nprintf '%s\\n' "$@" >"$HOME/words"\nexec '${process.execPath}' '${BIN}' "$@"\n`;
    writeFileSync(join(home, "bin/mcpfier"), shim, { mode: 0o755 });
    const env = { HOME: home, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, DOCTOR_FILLED: "1" };
    const { stdout } = await mcpfier(["doctor", "--json", ...words], { cwd: home, env });
    const mends = (JSON.parse(stdout) as readonly Finding[]).filter(({ mend }) => mend.startsWith("mcpfier "));
    expect(mends.map(({ mend }) => mend)).toEqual(expected);
    for (const mend of new Set(expected)) {
      const line = mend.includes("setup") ? `${mend} --dry-run --yes` : mend;
      const { stdout: out, stderr: told } = spawnSync("sh", ["-c", line], {
        cwd: home,
        encoding: "utf8",
        env: { HOME: home, PATH: `${join(home, "bin")}:/usr/bin:/bin`, DOCTOR_FILLED: "1" },
      });
      const isRead = text === BROKEN || mend.includes("validate");
      expect(out + told).toMatch(isRead ? /my 'cat'\.yaml:1:\d+/ : /mcpfier\.yaml is written|would be/);
      if (words[1] !== undefined) expect(readFileSync(join(home, "words"), "utf8").split("\n")).toContain(words[1]);
    }
  });

  test("finds nothing wrong where there is nothing", async () => {
    const home = folder();
    const { code, stdout } = await mcpfier(["doctor", "--json"], {
      cwd: home,
      env: { HOME: home, DOCKER_HOST: undefined },
    });
    expect((JSON.parse(stdout) as readonly Finding[]).filter(({ status }) => status === "error")).toEqual([]);
    expect(code).toBe(0);
  });
});

describe("the report for a defect", () => {
  const TEXT = `
# canary-comment
name: canary-toolbox
defaults: { env: { GIVEN: canary-env, PIN: 471147 }, timeout: 90s }
commands:
  - name: hello
    description: Says hello to canary-user.
    run: [sh, -c, "\${API_TOKEN}", "--token=canary-option", "\${OTHER:-canary-otherwise}", -p471147, 471147]
    cwd: ~/canary-work
    params:
      api_key: { type: string, secret: true, default: canary-default, description: canary-told, maxLength: 40 }
      kind: { const: canary-const }
      level: { enum: { canary-level: [canary-flag] } }
    tests: [{ args: { api_key: canary-argument }, argv: [sh, canary-rendered], output: canary-output }]
  - name: script
    description: Runs a script.
    effect: destructive
    shell: bash
    run: |
      # canary-remark
      GH_TOKEN=canary-variable curl -u me:canary-password "https://canary.example.org/?api_key=canary-query"
  - name: hook
    description: Sends what it is given.
    webhook:
      url: "https://me:canary-url@example.org/\${PLAIN}?token=canary-query"
      method: POST
      headers: { X-Canary-Name: canary-header }
      body: { canary-key: [canary-body] }
      auth: { type: bearer, token: canary-bearer }
canary-unknown: canary-value
`;
  const ENV = {
    API_TOKEN: "canary-token",
    PLAIN: "canary-plain",
    DOCKER_HOST: "tcp://canary-engine.invalid:1",
    USER: "canary-user",
    LOGNAME: "canary-user",
    LISTED: "/opt/one:/home/canary-listed/bin",
  };

  test("holds what was found and how the catalogue is made, and no text, value or path of its user", async () => {
    const parent = folder();
    const home = join(parent, "canary-home");
    mkdirSync(join(home, "work"), { recursive: true });
    writeFileSync(join(home, "work/mcpfier.yaml"), TEXT);
    const env = { ...ENV, HOME: home, XDG_STATE_HOME: undefined, NO_COLOR: "1" };
    const file = join(home, "report.json");
    const ran = await mcpfier(["doctor", "--report", file], { cwd: join(home, "work"), env });
    expect(ran.stderr).toContain("read it before you send it");
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(/canary|471147/i);
    expect(text).not.toContain(`"${hostname()}"`);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const report = JSON.parse(text) as Readonly<Record<string, unknown>>;
    expect(report).toMatchObject({
      node: process.versions.node,
      findings: expect.arrayContaining([
        {
          name: "catalogue",
          status: "error",
          text: expect.stringMatching(/^\(text of \d+ characters\): 4 errors/) as unknown,
        },
      ]) as unknown,
      problems: expect.arrayContaining([
        { rule: "unknown-key", severity: "error", file: "file 1", line: 30, column: 1 },
      ]) as unknown,
    });
    expect(report["catalogue"]).toMatchObject([
      {
        file: "file 1",
        content: {
          defaults: { timeout: "90s" },
          commands: [
            {
              name: "hello",
              run: ["sh", ...[2, 12, 21, 26, 8].map((size) => `(text of ${size} characters)`), "(number)"],
              params: { api_key: { type: "string", secret: true, default: "(text of 14 characters)", maxLength: 40 } },
            },
            { name: "script", effect: "destructive", shell: "bash" },
            { webhook: { method: "POST", auth: { type: "bearer", token: "(text of 13 characters)" } } },
          ],
          "key 4 (text of 14 characters)": "(text of 12 characters)",
        },
      },
    ]);
  });

  test("does not take the place of a file that is there", async () => {
    const cwd = folder({ "report.json": "mine" });
    const { code, stderr } = await mcpfier(["doctor", "--report", "report.json"], { cwd, env: { HOME: cwd } });
    expect(code).toBe(3);
    expect(stderr).toContain("report.json cannot be written: ");
    expect(readFileSync(join(cwd, "report.json"), "utf8")).toBe("mine");
  });
});
