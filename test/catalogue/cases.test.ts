// The configuration cases of the failure catalogue, by their numbers.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../src/base/problem.ts";
import { type Raw, raw } from "../mcp/raw.ts";
import { catalogue, command, follow, names, read } from "./follow.ts";
import { engineOf, folder, load, mcpfier, poll } from "../rig.ts";

const places = (problems: readonly Problem[]): readonly string[] =>
  problems.map(({ rule, line, column }) => `${rule} ${line}:${column}`);

describe("C1: billion laughs", () => {
  it.each([4, 6, 8])("C1: a bomb of depth %d is one error", async (depth) => {
    const levels = Array.from(
      { length: depth },
      (_, level) =>
        `x${level}: &x${level} [${Array.from({ length: 9 }, () => (level === 0 ? "lol" : `*x${level - 1}`)).join(", ")}]`,
    );
    const { catalogue: none, problems } = await load(`commands:\n${command("a")}${levels.join("\n")}\n`);
    expect(none).toBeNull();
    expect(problems.filter((each) => each.rule === "alias-bomb")).toHaveLength(1);
    expect(JSON.stringify(problems).length).toBeLessThan(20_000);
  });
});

describe("C2: duplicate keys", () => {
  it("C2: are an error that names both places", async () => {
    const { problems } = await load(`commands: []\nname: a\ncommands: []\n`);
    expect(places(problems)).toEqual(["duplicate-key 3:1"]);
    expect(problems[0]?.message).toContain("1:1");
  });
});

describe("C3: 10,000 commands", () => {
  it("C3: load and validate, in their order", async () => {
    const all = Array.from({ length: 10_000 }, (_, index) => `tool_${index}`);
    const path = folder({ "mcpfier.yaml": catalogue(...all) });
    const loaded = await read(join(path, "mcpfier.yaml"));
    expect(names(loaded.catalogue)).toEqual(all);
    const { code, stdout, stderr } = await mcpfier(["--validate", "mcpfier.yaml"], { cwd: path });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: "mcpfier: mcpfier.yaml: 10000 commands, no problems\n",
    });
  });

  it("C3: with a mistake in each of them are all told", async () => {
    const all = Array.from({ length: 10_000 }, (_, index) => command(`tool_${index}`, ", tiemout: 1s")).join("");
    const { problems } = await load(`commands:\n${all}`);
    expect(problems).toHaveLength(10_000);
    expect(problems.at(-1)).toMatchObject({ rule: "unknown-key", line: 10_001 });
  });
});

describe("C4: a catalogue of 50 mutants", () => {
  it("C4: tells each of them at its own line, exits 78 and serves nothing", async () => {
    const mutants = Array.from({ length: 50 }, (_, index) => command(`tool_${index}`, ", effect: reed"));
    const path = folder({ "mcpfier.yaml": `commands:\n${mutants.join("")}` });
    const { problems } = await read(join(path, "mcpfier.yaml"));
    expect(problems.map((each) => [each.rule, each.line])).toEqual(mutants.map((_, index) => ["bad-value", index + 2]));
    const { code, stdout, stderr } = await mcpfier(["serve", "-c", "mcpfier.yaml"], { cwd: path });
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr.match(/^mcpfier\.yaml:\d+:\d+: error\[bad-value\]/gm)).toHaveLength(50);
  });
});

describe("C5: Norway", () => {
  it.each(["no", "No", "off", "y", "on", "2026-01-31", "12:30", "1_000", "1e", "0o8"])(
    "C5: %s stays text",
    async (word) => {
      const { catalogue: loaded, problems } = await load(
        `commands:\n  - { name: a, description: b, run: [echo, ${word}], env: { A: ${word} } }`,
      );
      expect(problems).toEqual([]);
      expect(loaded?.commands[0]).toMatchObject({
        program: { items: [{ template: [word] }] },
        env: { set: { A: [word] } },
      });
    },
  );

  it.each(["1.20", "1.0", "0x1F", "1e3", "+5", "007", "True", "0o17", ".5", "-0"])(
    "C5: %s would be rewritten and must be quoted",
    async (word) => {
      const { problems } = await load(`commands:\n  - name: a\n    description: b\n    run: [echo, ${word}]`);
      expect(places(problems)).toEqual(["unsafe-number 4:17"]);
      expect(problems[0]?.hint).toBe(`write it in quotes: "${word}"`);
    },
  );

  it.each(["5", "-3", "1.25", "true", "false", "0"])("C5: %s keeps its spelling and is text", async (word) => {
    const { catalogue: loaded } = await load(`commands:\n  - { name: a, description: b, run: [echo, ${word}] }`);
    expect(loaded?.commands[0]).toMatchObject({ program: { items: [{ template: [word] }] } });
  });
});

describe("C6: files that are not plain files", () => {
  it("C6: a FIFO is refused at once and never waited for", async () => {
    const path = folder();
    execFileSync("mkfifo", [join(path, "mcpfier.yaml")]);
    const { code, stdout } = await mcpfier(["--validate", "mcpfier.yaml"], { cwd: path });
    expect(code).toBe(3);
    expect(stdout).toContain("error[file-unreadable]: mcpfier.yaml is not a regular file");
  });

  it("C6: a FIFO that is included is an error at its place", async () => {
    const path = folder({ "mcpfier.yaml": "include: [fifo.yaml]\n" });
    execFileSync("mkfifo", [join(path, "fifo.yaml")]);
    expect(places((await read(join(path, "mcpfier.yaml"))).problems)).toEqual(["include 1:11"]);
  });

  it("C6: a folder is refused", async () => {
    const path = folder({ "mcpfier.yaml/x": "" });
    const { code, stdout, stderr } = await mcpfier(["serve"], { cwd: path });
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr).toContain("is not a regular file");
  });

  it("C6: a device is refused", async () => {
    expect(places((await read("/dev/zero")).problems)).toEqual(["file-unreadable 1:1"]);
  });

  it("C6: a file of more than 64 MiB is refused without being read", async () => {
    const file = join(folder(), "mcpfier.yaml");
    const handle = openSync(file, "w");
    ftruncateSync(handle, 65 * 1024 * 1024);
    closeSync(handle);
    const { problems } = await read(file);
    expect(places(problems)).toEqual(["file-unreadable 1:1"]);
    expect(problems[0]?.message).toContain("64 MiB");
  });

  it("C6: a symbolic link is followed, and the real file's folder is the workspace", async () => {
    const path = folder({
      "real/mcpfier.yaml": `include: [more.yaml]\n${catalogue("one")}`,
      "real/more.yaml": catalogue("two"),
    });
    symlinkSync("real/mcpfier.yaml", join(path, "link.yaml"));
    const { catalogue: loaded, problems } = await read(join(path, "link.yaml"));
    expect(problems).toEqual([]);
    expect(names(loaded)).toEqual(["one", "two"]);
    expect(loaded?.files).toEqual([join(path, "real/mcpfier.yaml"), join(path, "real/more.yaml")]);
    expect(loaded?.commands[0]?.workspace).toBe(join(path, "real"));
  });

  it.each([
    ["that leads nowhere", "absent.yaml"],
    ["that leads to itself", "mcpfier.yaml"],
  ])("C6: a symbolic link %s is refused", async (_, target) => {
    const file = join(folder(), "mcpfier.yaml");
    symlinkSync(target, file);
    const { problems } = await read(file);
    expect(places(problems)).toEqual(["file-unreadable 1:1"]);
  });

  it("C6: a file that anybody may change is used, with a warning", async () => {
    const file = join(folder({ "mcpfier.yaml": catalogue("one") }), "mcpfier.yaml");
    chmodSync(file, 0o666);
    const { catalogue: loaded, problems } = await read(file);
    expect(names(loaded)).toEqual(["one"]);
    expect(problems).toMatchObject([{ severity: "warning", rule: "file-writable", line: 1 }]);
  });

  it("C6: a missing file that was named is an error, never ignored", async () => {
    const path = folder({ "mcpfier.yaml": catalogue("one") });
    for (const options of [["-c", "absent.yaml"], ["--config=absent.yaml"], []]) {
      const env = options.length === 0 ? { MCPFIER_CONFIG: "absent.yaml" } : {};
      const { code, stdout } = await mcpfier([...options, "--validate"], { cwd: path, env });
      expect(code).toBe(3);
      expect(stdout).toContain("cannot read absent.yaml: there is no such file");
    }
  });
});

describe("C8 to C13: encodings and documents", () => {
  it("C8: a byte order mark is accepted, and columns do not count it", async () => {
    expect((await load(`\uFEFF${catalogue("one")}`)).problems).toEqual([]);
    expect(places((await load(`\uFEFFcomands: []\n`)).problems)).toEqual(["unknown-key 1:1"]);
  });

  it("C9: CRLF is accepted, in scripts too, and no line shows its CR", async () => {
    const text =
      "commands:\n  - name: a\n    description: b\n    shell: sh\n    run: |\n      echo one\n      echo two\n    tiemout: 1s\n";
    const { problems } = await load(text.replaceAll("\n", "\r\n"));
    expect(places(problems)).toEqual(["unknown-key 8:5"]);
    expect(problems[0]?.snippet).toBe("    tiemout: 1s");
    const { catalogue: loaded } = await load(text.replace("    tiemout: 1s\n", "").replaceAll("\n", "\r\n"));
    expect(loaded?.commands[0]).toMatchObject({ program: { script: "echo one\necho two\n" } });
  });

  it.each([
    ["commands:\n\t- name: a\n", "syntax 2:1"],
    ["commands:\n  - name: a\n  \trun: [ls]\n", "syntax 3:3"],
  ])("C10: a tab in the indentation is an error with its line: %j", async (text, expected) => {
    const { problems } = await load(text);
    expect(places(problems)).toEqual([expected]);
    expect(problems[0]?.message).toContain("tab");
  });

  it.each<[string, Buffer, number, string]>([
    ["UTF-16 with a mark", Buffer.from(`\uFEFF${catalogue("a")}`, "utf16le"), 0, "0xff"],
    ["Latin-1", Buffer.from("name: caf\u00e9 x\n", "latin1"), 9, "0xe9"],
    ["a lone continuation byte", Buffer.from([0x61, 0x3a, 0x20, 0x80]), 3, "0x80"],
    ["half a surrogate pair", Buffer.from([0x61, 0xed, 0xa0, 0x80]), 1, "0xed"],
    ["a character that is cut at the end", Buffer.from([0x61, 0x3a, 0x20, 0xe2, 0x82]), 3, "0xe2"],
    ["an overlong form", Buffer.from([0x61, 0xc0, 0xaf]), 1, "0xc0"],
  ])("C11: %s is an error that names the byte", async (_, bytes, offset, byte) => {
    const file = join(folder(), "mcpfier.yaml");
    writeFileSync(file, bytes);
    const { problems } = await read(file);
    expect(places(problems)).toEqual(["encoding 1:1"]);
    expect(problems[0]?.message).toContain(`offset ${offset} is ${byte}`);
  });

  it("C11: an included file that is not UTF-8 is an error that names the byte", async () => {
    const path = folder({ "mcpfier.yaml": "include: [latin.yaml]\n" });
    writeFileSync(join(path, "latin.yaml"), Buffer.from([0x61, 0xe9, 0x61]));
    expect((await read(join(path, "mcpfier.yaml"))).problems[0]?.message).toContain("offset 1");
  });

  it.each(["!!js/function 'f'", "!!python/object:os.system x", "!custom x", "!!binary aGk="])(
    "C12: the tag of %s is an error",
    async (value) => {
      expect(places((await load(`name: ${value}\ncommands: []\n`)).problems)).toEqual(["unknown-tag 1:7"]);
    },
  );

  it.each([
    ["", "empty-file"],
    ["\n\n# x\n", "empty-file"],
    ["---\n", "empty-file"],
    ["~\n", "empty-file"],
    ["commands: []\n---\ncommands: []\n", "empty-file"],
    ["hello\n", "wrong-type"],
    ["[]\n", "wrong-type"],
  ])("C13: %j is no catalogue", async (text, rule) => {
    const { catalogue: none, problems } = await load(text);
    expect(none).toBeNull();
    expect(problems.map((each) => each.rule)).toEqual([rule]);
  });
});

describe("C14 to C18: keys, depths and numbers", () => {
  it("C14: a merge key is an error that says what to do", async () => {
    const { problems } = await load(
      "defaults: &d { timeout: 5s }\ncommands:\n  - { <<: *d, name: a, description: b, run: [ls] }\n",
    );
    expect(places(problems)).toEqual(["bad-key 3:7"]);
    expect(problems[0]?.hint).toContain("write the keys out");
  });

  it.each([
    ["__proto__: { polluted: true }\ncommands: []\n", "unknown-key 1:1"],
    ["commands:\n  - { name: a, description: b, run: [ls], __proto__: { effect: read } }\n", "unknown-key 2:43"],
    ["commands:\n  - { name: a, description: b, run: [ls], constructor: x }\n", "unknown-key 2:43"],
    [
      "commands:\n  - { name: a, description: b, run: [ls], params: { __proto__: { type: string } } }\n",
      "unknown-key 2:53",
    ],
  ])("C15: %j is an unknown key", async (text, expected) => {
    expect(places((await load(text)).problems)).toEqual([expected]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each(["constructor", "toString", "hasOwnProperty"])("C15: a parameter may be called %s", async (name) => {
    const engine = await engineOf(
      `commands:\n  - { name: a, run: [echo, --, "\${{ ${name} }}"], params: { ${name}: { type: string } } }\n`,
    );
    const call = (args: object) => engine.call({ tool: "a", arguments: args, dryRun: true });
    expect(await call({})).toMatchObject({ kind: "planned", plan: { argv: ["echo", "--"] } });
    expect(await call({ [name]: "x" })).toMatchObject({ kind: "planned", plan: { argv: ["echo", "--", "x"] } });
  });

  const deep = 100_000;
  it.each<[string, string]>([
    ["lists", "[".repeat(deep)],
    ["closed lists", `${"[".repeat(deep)}${"]".repeat(deep)}`],
    ["maps", "{a: ".repeat(deep)],
    ["lines of lists", "- ".repeat(deep)],
    ["keys", "? ".repeat(deep)],
    ["indented maps", Array.from({ length: 1000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")],
  ])("C16: %s, nested without end, are one error", async (_, text) => {
    const { catalogue: none, problems } = await load(
      `commands: ${text.startsWith(" ") || text.includes("\n") ? "\n" : ""}${text.startsWith("-") || text.startsWith("?") ? "\n" : ""}${text}`,
    );
    expect(none).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/depth|nest/i);
  });

  it("C16: a deep line is shown in a frame of bounded width", async () => {
    const path = folder({ "mcpfier.yaml": `commands: ${"[".repeat(deep)}` });
    const { code, stdout } = await mcpfier(["--validate", "mcpfier.yaml"], { cwd: path });
    expect(code).toBe(1);
    expect(stdout.length).toBeLessThan(1000);
  });

  it("C16: a schema that is 90 deep is taken", async () => {
    const schema = `${"{ type: array, items: ".repeat(40)}{ type: string }${" }".repeat(40)}`;
    expect(
      (
        await load(
          `commands:\n  - { name: a, description: b, run: [echo, --, "\${{ x }}"], params: { x: ${schema} } }\n`,
        )
      ).problems,
    ).toEqual([]);
  });

  it.each(["9223372036854775808", "9007199254740993", "-9007199254740993", "1e400"])(
    "C17: %s is an error where a number is wanted, once",
    async (number) => {
      const { problems } = await load(
        `commands:\n  - name: a\n    description: b\n    run: [echo, --, "\${{ x }}"]\n    params:\n      x: { type: number, maximum: ${number} }\n`,
      );
      expect(places(problems)).toEqual(["unsafe-number 6:35"]);
    },
  );

  it("C18: an alias that contains itself is one error", async () => {
    for (const text of [
      "commands: &a [*a]\n",
      "commands:\n  - &a { name: b, description: c, run: [ls], env: { A: *a } }\n",
    ]) {
      const { catalogue: none, problems } = await load(text);
      expect(none).toBeNull();
      expect(problems.map((each) => each.rule)).toEqual(["alias-bomb"]);
    }
  });
});

describe("C21: names of tools", () => {
  it.each(["a", "A", "0", "-", "_", "a-b_C9", "x".repeat(64)])("C21: %s is a name", async (name) => {
    expect((await load(`commands:\n${command(JSON.stringify(name))}`)).problems).toEqual([]);
  });

  it.each(["", " ", "a b", "a.b", "a/b", "a:b", "é", "a\n", "x".repeat(65), "x".repeat(129), "mcpfier_x"])(
    "C21: %j is none",
    async (name) => {
      const { problems } = await load(`commands:\n${command(JSON.stringify(name))}`);
      expect(problems.map((each) => each.rule)).toEqual(["bad-value"]);
    },
  );

  it.each([
    ["a", "a"],
    ["read_file", "Read_File"],
  ])("C21: %s and %s clash", async (one, two) => {
    const { problems } = await load(catalogue(one, "between", two));
    expect(places(problems)).toEqual(["duplicate-name 4:13"]);
    expect(problems[0]?.message).toContain(":2:13");
  });

  it("C21: the order is that of the files", async () => {
    const path = folder({
      "mcpfier.yaml": `include: [z.yaml, "t*.yaml"]\n${catalogue("z", "a")}`,
      "z.yaml": catalogue("m", "b"),
      "t2.yaml": catalogue("t2"),
      "t1.yaml": catalogue("t1"),
    });
    expect(names((await read(join(path, "mcpfier.yaml"))).catalogue)).toEqual(["z", "a", "m", "b", "t1", "t2"]);
  });
});

describe("C23: patterns", () => {
  it("C23: one that would backtrack without end answers at once", async () => {
    const engine = await engineOf(
      `commands:\n  - { name: a, run: [echo, --, "\${{ x }}"], params: { x: { type: string, pattern: "(a+)+$" } } }\n`,
    );
    const outcome = await engine.call({ tool: "a", arguments: { x: `${"a".repeat(40)}!` }, dryRun: true });
    expect(outcome).toMatchObject({ kind: "refused", code: "arguments.invalid" });
  });

  it.each(["(?=a)b", "(?!a)b", "(?<=a)b", String.raw`(a)\1`, "[a", "a)", "a)|(?:b", "*a"])(
    "C23: %s is refused when it is loaded",
    async (pattern) => {
      const { problems } = await load(
        `commands:\n  - { name: a, description: b, run: [echo, --, "\${{ x }}"], params: { x: { type: string, pattern: '${pattern}' } } }\n`,
      );
      expect(problems.map((each) => each.rule)).toEqual(["regex-unsupported"]);
    },
  );

  it("C23: one matches the whole value, alternatives and all", async () => {
    const engine = await engineOf(
      `commands:\n  - { name: a, run: [echo, --, "\${{ x }}"], params: { x: { type: string, pattern: "a|b" } } }\n`,
    );
    const kind = async (x: string) => (await engine.call({ tool: "a", arguments: { x }, dryRun: true })).kind;
    expect(await Promise.all(["a", "b", "ab", "xa", "b\n", ""].map(kind))).toEqual([
      "planned",
      "planned",
      "refused",
      "refused",
      "refused",
      "refused",
    ]);
  });
});

describe("C7, C19, C20: a catalogue that is followed", () => {
  it("C7: a file that is written in three parts is used when it is whole", async () => {
    const followed = await follow(catalogue("old"));
    const parts = ["commands:\n", command("one"), command("two")];
    const handle = openSync(followed.file, "w");
    for (const part of parts) writeSync(handle, part);
    closeSync(handle);
    await followed.servesSoon(["one", "two"]);
    expect(followed.changes).toHaveLength(1);
    expect(followed.failures).toEqual([]);
  });

  it("C7: half a file that is not YAML keeps the last good catalogue, and the other half mends it", async () => {
    const followed = await follow(catalogue("old"));
    writeFileSync(followed.file, `commands:\n  - { name: new, descr`);
    await followed.failsSoon();
    expect(followed.served()).toEqual(["old"]);
    appendFileSync(followed.file, `iption: x, run: [ls] }\n`);
    await followed.servesSoon(["new"]);
  });

  it("C7: a change while the file is being read is not lost", async () => {
    const followed = await follow(catalogue("old"));
    followed.onceAfterLoad(() => writeFileSync(followed.file, catalogue("second")));
    writeFileSync(followed.file, catalogue("first"));
    await followed.servesSoon(["second"]);
  });

  it("C7: a mend while a broken file is being read is not lost", async () => {
    const followed = await follow(catalogue("old"));
    followed.onceAfterLoad(() => writeFileSync(followed.file, catalogue("mended")));
    writeFileSync(followed.file, "commands: [");
    await followed.servesSoon(["mended"]);
  });

  it("C7: a file that is written again as it was is no change", async () => {
    const followed = await follow(catalogue("old"));
    writeFileSync(followed.file, `# a comment\n${catalogue("old")}`);
    writeFileSync(join(followed.path, "other.txt"), "");
    writeFileSync(followed.file, catalogue("old", "new"));
    await followed.servesSoon(["old", "new"]);
    expect(followed.changes).toHaveLength(1);
  });

  it("C7: a mistake in a file that is included anew is told, and its mend is seen", async () => {
    const followed = await follow(catalogue("old"), { "sub/more.yaml": "commands: [" });
    writeFileSync(followed.file, `include: [sub/more.yaml]\n${catalogue("old")}`);
    await followed.failsSoon();
    expect(followed.failures[0]?.problems[0]?.file).toContain("more.yaml");
    writeFileSync(join(followed.path, "sub/more.yaml"), catalogue("more"));
    await followed.servesSoon(["old", "more"]);
  });

  it("C19: a file that goes keeps the last good catalogue, and is used again when it returns", async () => {
    const followed = await follow(catalogue("old"));
    unlinkSync(followed.file);
    await followed.failsSoon();
    expect(followed.failures[0]?.problems[0]?.rule).toBe("file-unreadable");
    expect(followed.served()).toEqual(["old"]);
    writeFileSync(followed.file, catalogue("back"));
    await followed.servesSoon(["back"]);
  });

  it("C19: a folder that goes with its file is followed again when both return", async () => {
    const followed = await follow(`workspace: ..\ninclude: [sub/more.yaml]\n${catalogue("old")}`, {
      "sub/more.yaml": catalogue("more"),
    });
    rmSync(join(followed.path, "sub"), { recursive: true });
    await followed.failsSoon();
    mkdirSync(join(followed.path, "sub"));
    writeFileSync(join(followed.path, "sub/more.yaml"), catalogue("back"));
    await followed.servesSoon(["old", "back"]);
  });

  it("C20: two renames over the file, as editors do them, are both seen", async () => {
    const followed = await follow(catalogue("old"));
    for (const name of ["first", "second"]) {
      writeFileSync(join(followed.path, ".mcpfier.yaml.swp"), catalogue(name));
      renameSync(join(followed.path, ".mcpfier.yaml.swp"), followed.file);
      await followed.servesSoon([name]);
    }
    expect(followed.failures).toEqual([]);
  });

  it("C20: an editor that moves the old file away first is seen", async () => {
    const followed = await follow(catalogue("old"));
    for (const name of ["first", "second"]) {
      renameSync(followed.file, join(followed.path, "mcpfier.yaml~"));
      writeFileSync(followed.file, catalogue(name));
      await followed.servesSoon([name]);
    }
  });

  it("C20: a new file that a glob finds, and one that goes, are seen", async () => {
    const followed = await follow(`include: ["tools/*.yaml"]\n${catalogue("old")}`, { "tools/a.yaml": catalogue("a") });
    writeFileSync(join(followed.path, "tools/b.yaml"), catalogue("b"));
    await followed.servesSoon(["old", "a", "b"]);
    unlinkSync(join(followed.path, "tools/a.yaml"));
    await followed.servesSoon(["old", "b"]);
  });

  it("C20: the first file that a glob finds is seen", async () => {
    const followed = await follow(`include: ["tools/*.yaml"]\n${catalogue("old")}`, { "tools/readme.txt": "" });
    writeFileSync(join(followed.path, "tools/a.yaml"), catalogue("a"));
    await followed.servesSoon(["old", "a"]);
  });
});

const fileOf = (session: Raw): string => String(session.child.spawnargs.at(-1));
let id = 100;
async function tools(session: Raw): Promise<readonly string[]> {
  id += 1;
  session.send({ id, method: "tools/list" });
  const answer = await session.answer(id);
  return ((answer.result?.["tools"] ?? []) as readonly { readonly name: string }[])
    .map((each) => each.name)
    .filter((name) => !name.startsWith("mcpfier_"));
}
const says = (session: Raw, text: string, times = 1): Promise<void> =>
  poll(
    () => session.stderr().split(text).length > times,
    () => `stderr holds no ${JSON.stringify(text)}: ${session.stderr()}`,
  );

describe("C7, C19, C20: a catalogue that is served", () => {
  it("C7: is replaced as a whole, after parts that alone are no catalogue", async () => {
    const session = await raw(catalogue("old"));
    writeFileSync(fileOf(session), "commands:\n  - { name: one,");
    await says(session, "the last good catalogue is still served");
    expect(await tools(session)).toEqual(["old"]);
    appendFileSync(fileOf(session), " description: x, run: [ls] }\n  - { name: two,");
    await says(session, "the last good catalogue is still served", 2);
    expect(await tools(session)).toEqual(["old"]);
    appendFileSync(fileOf(session), " description: x, run: [ls] }\n");
    await says(session, "the catalogue changed; now 2 commands");
    expect(await tools(session)).toEqual(["one", "two"]);
    expect(session.stderr()).toMatch(/mcpfier\.yaml:\d+:\d+: error\[syntax\]/);
  });

  it("C19: outlives its file, and follows it when it returns", async () => {
    const session = await raw(catalogue("old"));
    unlinkSync(fileOf(session));
    await says(session, "there is no such file");
    await says(session, "the last good catalogue is still served");
    expect(await tools(session)).toEqual(["old"]);
    writeFileSync(fileOf(session), catalogue("back"));
    await says(session, "the catalogue changed");
    expect(await tools(session)).toEqual(["back"]);
  });

  it("C19: says so when the file returns as it was", async () => {
    const session = await raw(catalogue("old"));
    unlinkSync(fileOf(session));
    await says(session, "the last good catalogue is still served");
    const before = session.stderr();
    writeFileSync(fileOf(session), catalogue("old"));
    await poll(
      () => session.stderr().length > before.length,
      () => "nothing was said of the file that is good again",
    );
    expect(await tools(session)).toEqual(["old"]);
  });

  it("C19: outlives a file that becomes a link to itself", async () => {
    const session = await raw(catalogue("old"));
    unlinkSync(fileOf(session));
    symlinkSync("mcpfier.yaml", fileOf(session));
    await says(session, "the last good catalogue is still served");
    expect(await tools(session)).toEqual(["old"]);
    unlinkSync(fileOf(session));
    writeFileSync(fileOf(session), catalogue("back"));
    await says(session, "the catalogue changed");
    expect(await tools(session)).toEqual(["back"]);
  });

  it("C20: sees two renames over its file, and tells the client of each once", async () => {
    const session = await raw(catalogue("old"));
    for (const [index, name] of ["first", "second"].entries()) {
      const next = `${fileOf(session)}.tmp`;
      writeFileSync(next, catalogue(name));
      renameSync(next, fileOf(session));
      await says(session, "the catalogue changed", index + 1);
      expect(await tools(session)).toEqual([name]);
    }
    const told = session.messages().filter((message) => message.method === "notifications/tools/list_changed");
    expect(told).toHaveLength(2);
    expect(await session.end()).toBe(0);
  });
});
