// What people see: on a real terminal, and where there is none.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createProgress } from "../../src/cli/progress.ts";
import { cut, padded, widthOf, wrapped } from "../../src/cli/width.ts";
import { type Terminal, openTerminal } from "../terminal.ts";
import { BIN, folder, mcpfier, poll } from "../rig.ts";

const [HIDE, SHOW, CLEAR] = ["\u001B[?25l", "\u001B[?25h", "\r\u001B[2K"] as const;
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001B\[\d+(?:;\d+)*m/;

const CATALOGUE = `
commands:
  - name: slow
    title: Waits
    description: Prints a line, waits for a file that is called go, and prints another one. 遅いコマンドです、本当に遅いのです、待ってください
    effect: read
    shell: sh
    run: |
      printf 'first \\033[31mline\\033[0m\\n'
      until [ -e go ]; do sleep 0.02; done
      echo second line
  - { name: drop, description: Drops everything., effect: destructive, confirm: Drop all?, run: [echo, dropped] }
`;

const place = (): string => folder({ "mcpfier.yaml": CATALOGUE });

function open(cwd: string, words: string, env: Readonly<Record<string, string>> = {}): Terminal {
  const around = { LANG: "C.UTF-8", LC_ALL: undefined, HOME: cwd, ...env };
  return openTerminal(["sh", "-c", `exec '${process.execPath}' '${BIN}' ${words}`], { cwd, env: around, columns: 60 });
}

/** Where the cursor was left. */
function cursor(shown: string): string {
  return shown.lastIndexOf(SHOW) > shown.lastIndexOf(HIDE) ? "visible" : "hidden";
}

describe("a run on a terminal", () => {
  it("tells on stderr how long it runs and what it printed last, while stdout stays as it is", async () => {
    const cwd = place();
    const terminal = open(cwd, "slow > out");
    await terminal.until((shown) => /slow \d+\.\d s.*first line/.test(shown));
    expect(terminal.shown()).toContain(HIDE);
    writeFileSync(join(cwd, "go"), "");
    expect(await terminal.ended).toBe(0);
    expect(readFileSync(join(cwd, "out"), "utf8")).toBe("first \u001B[31mline\u001B[0m\nsecond line\n");
    expect(terminal.shown().endsWith(`${CLEAR}${SHOW}`)).toBe(true);
    // No frame is wider than the terminal.
    const frames = terminal
      .shown()
      .split("\r\u001B[2K")
      .filter((each) => each.includes("slow"));
    for (const each of frames) expect(widthOf(each)).toBeLessThan(60);
  });

  it("keeps the line apart from output on the same terminal", async () => {
    const cwd = place();
    const terminal = open(cwd, "slow");
    await terminal.until((shown) => shown.includes("first") && shown.includes(HIDE, shown.indexOf("first")));
    writeFileSync(join(cwd, "go"), "");
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown().endsWith(`${CLEAR}${SHOW}second line\r\n`)).toBe(true);
  });

  it("gives the cursor back after Ctrl-C", async () => {
    const cwd = place();
    const terminal = open(cwd, "slow > out");
    await terminal.until((shown) => shown.includes(HIDE));
    expect(cursor(terminal.shown())).toBe("hidden");
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(130);
    expect(cursor(terminal.shown())).toBe("visible");
    expect(terminal.shown()).toContain("slow was cancelled");
  });

  it("does not draw over a question", async () => {
    const cwd = place();
    const terminal = open(cwd, "drop");
    await terminal.until((shown) => shown.includes("[y/N] "));
    terminal.type("y\r");
    expect(await terminal.ended).toBe(0);
    const { length } = "[y/N] ";
    const shown = terminal.shown();
    expect(shown.slice(shown.indexOf("[y/N] ") + length)).toMatch(/^y\r\n/);
    expect(shown).toContain("dropped");
  });

  it("has no line where the terminal cannot go back, or nobody looks at it", async () => {
    for (const env of [{ TERM: "dumb" }, { CI: "true" }]) {
      const cwd = place();
      const terminal = open(cwd, "slow > out", env);
      await poll(
        () => existsSync(join(cwd, "out")) && readFileSync(join(cwd, "out"), "utf8") !== "",
        () => "it prints nothing",
      );
      writeFileSync(join(cwd, "go"), "");
      expect(await terminal.ended).toBe(0);
      expect(terminal.shown()).not.toContain("\u001B[?25");
    }
  });

  it("has a line without colours by NO_COLOR and by --color never", async () => {
    for (const [words, env] of [
      ["slow > out", { NO_COLOR: "1" }],
      ["--color never slow > out", {}],
    ] as const) {
      const cwd = place();
      const terminal = open(cwd, words, env);
      await terminal.until((shown) => /slow \d/.test(shown));
      writeFileSync(join(cwd, "go"), "");
      expect(await terminal.ended).toBe(0);
      expect(terminal.shown()).not.toMatch(COLOUR);
    }
  });
});

describe("a table", () => {
  it("has a head, colours, and lines that fit on a terminal", async () => {
    const terminal = open(place(), "list");
    expect(await terminal.ended).toBe(0);
    const lines = terminal.shown().split("\r\n").slice(1, -1);
    expect(lines[0]).toMatch(/name +kind +description/);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(lines[1]).toContain("…");
    expect(terminal.shown()).toMatch(COLOUR);
  });

  it("has neither where there is no terminal, but for colours that were asked for", async () => {
    const cwd = place();
    const env = { NO_COLOR: undefined, FORCE_COLOR: undefined };
    const { stdout } = await mcpfier(["list"], { cwd, env });
    expect(stdout).toMatch(
      /^slow {2}read {9}Prints a line.*待ってください\ndrop {2}destructive {2}Drops everything\.\n$/,
    );
    const { stdout: coloured } = await mcpfier(["--color", "always", "list"], { cwd, env: { ...env, NO_COLOR: "1" } });
    expect(coloured).toMatch(COLOUR);
  });

  it("breaks the findings of doctor between words", async () => {
    const terminal = open(place(), "doctor");
    await terminal.ended;
    const lines = terminal.shown().split("\r\n");
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) if (!/\S{40}/.test(line)) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(terminal.shown()).toMatch(COLOUR);
  });
});

describe("the width of a text", () => {
  it.each<[string, number]>([
    ["plain", 5],
    ["\u001B[31mred\u001B[0m", 3],
    ["日本", 4],
    ["한국", 4],
    ["ｆｕｌｌ", 8],
    ["e\u0301", 1],
    ["👩‍👩‍👧", 2],
    ["❤️", 2],
    ["…", 1],
    ["\u200B", 0],
  ])("of %j is %i columns", (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it("decides where texts are cut, filled up and broken", () => {
    expect(cut("日本語", 4)).toBe("日…");
    expect(cut("日本語", 6)).toBe("日本語");
    expect(widthOf(padded("日本", 6))).toBe(6);
    expect(wrapped("one two three 日本 語", 7)).toEqual(["one two", "three", "日本 語"]);
  });
});

describe("the progress of pulls", () => {
  function screen(): { readonly stream: NodeJS.WriteStream; readonly shown: () => string } {
    const stream = new PassThrough();
    const written: string[] = [];
    stream.on("data", (chunk: Buffer) => written.push(chunk.toString()));
    return {
      stream: Object.assign(stream, { isTTY: true, columns: 60 }) as unknown as NodeJS.WriteStream,
      shown: () => written.join(""),
    };
  }

  it("is a bar for each, no line wider than the terminal, and gives the cursor back", async () => {
    const { stream, shown } = screen();
    const progress = createProgress(stream);
    const [one, other] = [progress.begin(), progress.begin()];
    one.tell("pulling alpine: 1.5 of 3.0 MB", 0.5);
    other.tell(`pulling ${"long-".repeat(20)}image: 10 of 10 MB`, 1);
    expect(shown()).toContain(`pulling alpine: 1.5 of 3.0 MB ${"█".repeat(12)}${"░".repeat(11)}  50 %`);
    for (const frame of shown().replaceAll("\r\u001B[J", "\n").split("\n")) expect(widthOf(frame)).toBeLessThan(60);
    expect(cursor(shown())).toBe("hidden");
    one.end("alpine was fetched");
    expect(cursor(shown())).toBe("hidden");
    other.end();
    expect(cursor(shown())).toBe("visible");
    expect(shown()).toContain("alpine was fetched\n");
    expect(process.listenerCount("SIGINT")).toBe(0);
  });
});
