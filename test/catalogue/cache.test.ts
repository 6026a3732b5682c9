import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { type CatalogueCache, createCache } from "../../src/catalogue/cache.ts";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { folder, host as real } from "../rig.ts";

const YAML = `
include: ["more/*.yaml"]
concurrency: 3
records: { max_age: 1h }
defaults: { limits: { memory: 1GiB }, retry: { on: [1, timeout] } }
commands:
  - name: greet
    description: "For \${PERSON:-nobody}"
    run: [echo, hi]
  - { name: maybe, description: d, when: 'program("made-later") || file("flag")', run: [echo, maybe] }
  - { name: often, description: d, effect: read, run: [echo, often], needs: [greet], cache: { ttl: 1m }, idle_timeout: 1s }
`;

let home = "";
let host: Host = real;
let file = "";

beforeEach(() => {
  home = folder();
  const cwd = folder({ "mcpfier.yaml": YAML, "more/a.yaml": "commands: [{name: a, description: d, run: [echo, a]}]" });
  file = join(cwd, "mcpfier.yaml");
  mkdirSync(join(home, "bin"));
  host = { ...real, home, path: `${join(home, "bin")}:${real.path}`, env: {} };
});

const cacheOf = (build = "1", workspace?: string): CatalogueCache => createCache(host, build, { workspace });

async function remember(): Promise<void> {
  cacheOf().write(file, await loadCatalogue(file, { host, reserved: RESERVED }));
}

/** The one entry that was written. */
function entry(): string {
  return written(/\.json$/);
}

function written(name: RegExp): string {
  const path = join(home, ".cache", "mcpfier");
  return join(path, readdirSync(path).find((each) => name.test(each)) ?? "");
}

function edit(part: RegExp, by: string): void {
  const text = readFileSync(entry(), "utf8");
  expect(text).toMatch(part);
  writeFileSync(entry(), text.replace(part, by));
}

describe("a checked catalogue on disk", () => {
  test("is read back as it was loaded, and only its owner can read it", async () => {
    await remember();
    const { catalogue } = await loadCatalogue(file, { host, reserved: RESERVED });
    expect(cacheOf().read(file)?.catalogue).toEqual(catalogue);
    expect(statSync(entry()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, ".cache", "mcpfier")).mode & 0o777).toBe(0o700);
  });

  test("is served by the start that writes it as it was loaded, what its commands share once", async () => {
    const loaded = await loadCatalogue(file, { host, reserved: RESERVED });
    const served = cacheOf().write(file, loaded);
    expect(JSON.stringify(served)).toBe(JSON.stringify(loaded.catalogue));
    const [one, ...others] = served?.commands ?? [];
    expect(others.map(({ limits }) => limits === one?.limits)).toEqual([true, true]);
  });

  test("is not written where others may write, as it would not be read", async () => {
    const caches = join(home, ".cache", "mcpfier");
    mkdirSync(caches, { recursive: true });
    chmodSync(caches, 0o1777);
    const loaded = await loadCatalogue(file, { host, reserved: RESERVED });
    expect(cacheOf().write(file, loaded)).toEqual(loaded.catalogue);
    expect(readdirSync(caches)).toEqual([]);
  });

  test("counts for a file that begins with a byte order mark", async () => {
    writeFileSync(file, `\uFEFF${YAML}`);
    await remember();
    expect(cacheOf().read(file)?.catalogue.commands).toHaveLength(3);
  });

  test.each<[string, () => void]>([
    ["the file changed, with its size and time kept", () => {
      const { atime, mtime } = statSync(file);
      writeFileSync(file, YAML.replace("[echo, hi]", "[echo, ho]"));
      utimesSync(file, atime, mtime);
    }],
    ["an included file changed", () => writeFileSync(join(file, "../more/a.yaml"), "commands: []")],
    ["a file came that the glob matches", () => writeFileSync(join(file, "../more/b.yaml"), "commands: []")],
    ["a variable that it mentions is set now", () => (host = { ...host, env: { PERSON: "you" } })],
    ["a program came that a `when` asks for", () => {
      writeFileSync(join(home, "bin/made-later"), "#!/bin/sh\n");
      chmodSync(join(home, "bin/made-later"), 0o755);
    }],
    ["a file came that a `when` asks for", () => writeFileSync(join(file, "../flag"), "")],
    ["a program is found elsewhere now", () => symlinkSync("/bin/echo", join(home, "bin/echo"))],
    ["PATH is another", () => (host = { ...host, path: "/bin" })],
    ["somebody else could have written the entry", () => chmodSync(entry(), 0o620)],
    ["somebody else could have put it there", () => chmodSync(join(home, ".cache", "mcpfier"), 0o777)],
    ["the entry is broken", () => writeFileSync(entry(), "{")],
    ["the entry is a pipe", () => {
      const path = entry();
      rmSync(path);
      execFileSync("mkfifo", ["-m", "600", path]);
    }],
    ["the entry tells of more commands than it has room for", () => edit(/"count":\d+/, '"count":1000000000')],
    ["the entry tells of fewer commands than it has", () => edit(/"count":\d+/, '"count":-1')],
    ["the entry has no columns", () => edit(/"columns":\[/, '"columns":[],"others":[')],
    ["the entry rests on nothing", () => edit(/"facts":\[/, '"facts":[],"others":[')],
    ["the entry is cut", () => truncateSync(entry(), statSync(entry()).size - 1)],
    ["the file cannot be read as text any more", () => writeFileSync(file, Buffer.from([0xff]))],
    ["anybody may write to the file now", () => chmodSync(file, 0o666)],
  ])("does not count when %s", async (_why, change) => {
    await remember();
    expect(cacheOf().read(file)).toBeDefined();
    change();
    expect(cacheOf().read(file)).toBeUndefined();
  });

  describe("of a large file", () => {
    const large = `${YAML}#${"x".repeat(200_000)}\n`;
    const copy = (): string => written(/-source-0$/);

    beforeEach(async () => {
      writeFileSync(file, large);
      await remember();
    });

    test("counts while the file is as its copy, which only its owner can read, without a digest of it", () => {
      edit(/"digest":"[\w-]{43}"/, '"digest":"none"');
      expect(cacheOf().read(file)?.catalogue.commands).toHaveLength(3);
      expect(statSync(copy()).mode & 0o777).toBe(0o600);
    });

    test("counts by its copy with a byte order mark, too", async () => {
      writeFileSync(file, `\uFEFF${large}`);
      await remember();
      edit(/"digest":"[\w-]{43}"/, '"digest":"none"');
      expect(cacheOf().read(file)?.catalogue.commands).toHaveLength(3);
    });

    test.each<[string, () => void]>([
      ["its last byte is another, with its size and time kept", () => {
        const { atime, mtime } = statSync(file);
        writeFileSync(file, `${large.slice(0, -1)} `);
        utimesSync(file, atime, mtime);
      }],
      ["it is longer", () => writeFileSync(file, `${large}#`)],
      ["it is shorter", () => truncateSync(file, large.length - 1)],
      ["it is a link to the same elsewhere", () => {
        renameSync(file, `${file}.moved`);
        symlinkSync(`${file}.moved`, file);
      }],
      ["anybody may write to it now", () => chmodSync(file, 0o666)],
    ])("does not count when %s", (_why, change) => {
      expect(cacheOf().read(file)).toBeDefined();
      change();
      expect(cacheOf().read(file)).toBeUndefined();
    });

    test.each<[string, () => void]>([
      ["is not there", () => rmSync(copy())],
      ["is cut", () => truncateSync(copy(), 1000)],
      ["is of another file", () => writeFileSync(copy(), "{}\n")],
      ["could have been written by somebody else", () => chmodSync(copy(), 0o620)],
    ])("is told by its digest when its copy %s", (_why, change) => {
      change();
      expect(cacheOf().read(file)).toBeDefined();
      writeFileSync(file, large.replace("echo, hi", "echo, ho"));
      expect(cacheOf().read(file)).toBeUndefined();
    });
  });

  test("does not count for another build or another workspace", async () => {
    await remember();
    expect(cacheOf("2").read(file)).toBeUndefined();
    expect(cacheOf("1", home).read(file)).toBeUndefined();
  });

  test("is never written when a value of the environment is in it, whatever its name, nor when it is broken", async () => {
    host = { ...host, env: { MY_TOKEN: "canary-value", DATABASE_URL: "postgres://me:canary@db" } };
    for (const name of ["MY_TOKEN", "DATABASE_URL"]) {
      writeFileSync(file, `commands: [{name: a, description: d, run: [echo], env: {T: "\${${name}:-x}"}}]`);
      await remember();
    }
    writeFileSync(file, "commands: [{nam: a}]");
    await remember();
    expect(() => readdirSync(join(home, ".cache"))).toThrow("ENOENT");
  });

  test("tells nothing of the variables that it depends on but a digest", async () => {
    host = { ...host, env: { PERSON: "canary-value" } };
    writeFileSync(file, 'commands: [{name: a, description: d, when: \'env("PERSON") != ""\', run: [echo]}]');
    await remember();
    const text = readFileSync(entry(), "utf8");
    expect(text).not.toContain("canary-value");
    expect(text).not.toContain(host.path);
  });

  test("leaves nothing behind where it could not be put in its place", async () => {
    await remember();
    const path = entry();
    rmSync(path);
    mkdirSync(join(path, "in-the-way"), { recursive: true });
    await remember();
    expect(readdirSync(join(home, ".cache", "mcpfier"))).toEqual([basename(path)]);
  });

  test("goes without a place to write", async () => {
    writeFileSync(join(home, ".cache"), "a file");
    await remember();
    expect(cacheOf().read(file)).toBeUndefined();
  });
});
