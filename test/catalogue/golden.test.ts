// Each pair in ok/ and bad/ is a catalogue and what `mcpfier --validate` prints of it. A new case is two files.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULES } from "../../src/base/problem.ts";
import { folder, mcpfier } from "../rig.ts";

const KINDS = { ok: 0, bad: 1 } as const;
type Kind = keyof typeof KINDS;

/** Rules that no text in this repository can show: they are about the file itself. */
const NOT_IN_A_TEXT = new Set(["file-unreadable", "file-writable", "encoding"]);

/** Programs that the catalogues name and that are not everywhere. */
const STUBS = ["curl", "git", "make", "perl", "python3", "rg", "seq"];

const place = (kind: Kind): string => join(import.meta.dirname, kind);
const catalogues = (kind: Kind): readonly string[] => readdirSync(place(kind)).filter((name) => name.endsWith(".yaml"));
const golden = (kind: Kind, name: string): string =>
  readFileSync(join(place(kind), name.replace(/yaml$/, "txt")), "utf8");

function environment(kind: Kind): Readonly<Record<string, string | undefined>> {
  const bin = folder();
  for (const name of STUBS) writeFileSync(join(bin, name), "#!/bin/sh\n", { mode: 0o755 });
  return {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    MCPFIER_TEST_WHO: "world",
    MCPFIER_TEST_WORDS: "two words",
    MCPFIER_TEST_SERVICE: "http://127.0.0.1:8080",
    MCPFIER_TEST_BIN: join(place(kind), "bin"),
    MCPFIER_TEST_UNSET: undefined,
    MCPFIER_TEST_NAME: undefined,
  };
}

/** What goes to stdout, then the closing line on stderr; files that are named by their whole path are shown relative. */
async function validate(kind: Kind, name: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const { code, stdout, stderr } = await mcpfier(["--validate", name], { cwd: place(kind), env: environment(kind) });
  return { code, text: (stdout + stderr).replaceAll(`${place(kind)}/`, "") };
}

describe.each(["ok", "bad"] as const)("%s catalogues", (kind) => {
  it.each(catalogues(kind))(`${kind}/%s prints what stands beside it`, async (name) => {
    const { code, text } = await validate(kind, name);
    expect(text).toBe(golden(kind, name));
    expect(code).toBe(KINDS[kind]);
  });
});

describe("the commands of ok catalogues", () => {
  it.each(catalogues("ok"))("ok/%s renders what its own tests say", async (name) => {
    const { code, stdout, stderr } = await mcpfier(["test", name], { cwd: place("ok"), env: environment("ok") });
    expect(`${stdout}${stderr}`).toMatch(/^\S+: \d+ passed, 0 failed/m);
    expect(code).toBe(0);
  });
});

describe("the golden texts as a whole", () => {
  const all = (["ok", "bad"] as const).flatMap((kind) => catalogues(kind).map((name) => golden(kind, name)));

  it.each(Object.keys(RULES).filter((rule) => !NOT_IN_A_TEXT.has(rule)))("show the rule %s", (rule) => {
    expect(all.some((text) => text.includes(`[${rule}]: `))).toBe(true);
  });

  it("mark a place of the line that they show, with a caret right below", () => {
    for (const text of all) {
      const frames = [...text.matchAll(/^\S+?:(\d+):(\d+): \w+\[[\w-]+\]: .*\n( *)(\d+) \| (.*)\n( *) \| ( *)(\^+)/gm)];
      const problems = text.match(/^\S+?:\d+:\d+: (?:error|warning)\[/gm) ?? [];
      expect(frames.length, text).toBe(problems.length);
      for (const [, line, column, , shownLine, snippet = "", , before = "", carets = ""] of frames) {
        expect(shownLine).toBe(line);
        if (snippet.length < 160) expect(before.length + 1).toBe(Number(column));
        expect(before.length + carets.length).toBeLessThanOrEqual(snippet.length + 1);
      }
    }
  });

  it("tell one mistake once", () => {
    for (const text of all) {
      const heads = text.match(/^\S+?:\d+:\d+: (?:error|warning)\[.*$/gm) ?? [];
      expect(heads).toEqual([...new Set(heads)]);
    }
  });

  it("name no file that is not there", () => {
    for (const kind of ["ok", "bad"] as const) {
      const texts = readdirSync(place(kind)).filter((name) => name.endsWith(".txt"));
      expect(texts.map((name) => name.replace(/txt$/, "yaml"))).toEqual([...catalogues(kind)]);
    }
  });
});

describe("a file with ten planted mistakes", () => {
  it("prints ten positioned problems in one run and exits 1", async () => {
    const { code, text } = await validate("bad", "ten-mistakes.yaml");
    const heads = [...text.matchAll(/^ten-mistakes\.yaml:(\d+):(\d+): error\[([\w-]+)\]: ./gm)];
    expect(heads).toHaveLength(10);
    expect(new Set(heads.map(([, , , rule]) => rule)).size).toBe(10);
    expect(text).toMatch(/: 10 errors\n$/);
    expect(code).toBe(1);
  });
});
