import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitWords } from "../../src/catalogue/split.ts";

const texts = (line: string): readonly string[] => splitWords(line).words.map((word) => word.text);

describe("a line of a command", () => {
  it.each<[string, readonly string[]]>([
    ["ls", ["ls"]],
    ["ls -l  /tmp\t-a", ["ls", "-l", "/tmp", "-a"]],
    ["  ls  ", ["ls"]],
    ["", []],
    [`echo "two words" 'and three more'`, ["echo", "two words", "and three more"]],
    [`echo a"b c"d'e f'g`, ["echo", "ab cde fg"]],
    [`echo "" ''`, ["echo", "", ""]],
    [String.raw`echo "a\"b\\c\d" 'a\b'`, ["echo", String.raw`a"b\c\d`, String.raw`a\b`]],
    [String.raw`echo a\ b \"c\" \\`, ["echo", "a b", '"c"', "\\"]],
    ["echo ${{ a }} x${{a}}y ${{  a  }}", ["echo", "${{ a }}", "x${{a}}y", "${{  a  }}"]],
    ["echo ${A} ${A:-two words} $${A}", ["echo", "${A}", "${A:-two words}", "$${A}"]],
    [`echo "\${A} \${{ b }}" '|'`, ["echo", "${A} ${{ b }}", "|"]],
    ["curl https://x.org/a=b", ["curl", "https://x.org/a=b"]],
    ["echo a=b c:d e,f %g @h +i ^j !k #l", ["echo", "a=b", "c:d", "e,f", "%g", "@h", "+i", "^j", "!k", "#l"]],
  ])("%s is split as %j", (line, expected) => {
    expect(splitWords(line)).toMatchObject({ shell: [], unclosed: false });
    expect(texts(line)).toEqual(expected);
  });

  it.each([
    ["a | b", "|", 2],
    ["a || b", "||", 2],
    ["a && b", "&&", 2],
    ["a & b", "&", 2],
    ["a > b", ">", 2],
    ["a 2>&1", ">", 3],
    ["a >> b", ">>", 2],
    ["a < b", "<", 2],
    ["a << b", "<<", 2],
    ["a; b", ";", 1],
    ["a $(b)", "$(", 2],
    ["a `b`", "`", 2],
    ["a $HOME", "$HOME", 2],
    ["a *.txt", "*", 2],
    ["a b?", "?", 3],
    ["a [bc]", "[", 2],
    ["a ~/b", "~", 2],
    ["a {b,c}", "{", 2],
    ["a (b)", "(", 2],
    ["a\nb", "\n", 1],
    [`a "|" | b`, "|", 6],
  ])("%s holds %s, which is told at its place", (line, what, start) => {
    expect(splitWords(line).shell[0]).toEqual({ what, start, end: start + what.length });
  });

  it.each([`echo "a`, "echo 'a", `echo "a\\"`, `echo a'b"c`])("%s has a quote that is not closed", (line) => {
    expect(splitWords(line).unclosed).toBe(true);
  });

  it("is split into words that say where they stand", () => {
    const line = `echo "a b" \${{ c }}x`;
    expect(splitWords(line).words.map(({ start, end }) => line.slice(start, end))).toEqual([
      "echo",
      '"a b"',
      "${{ c }}x",
    ]);
  });
});

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

describe("any words", () => {
  it("come back when they are quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        fc.pre(words.every((word) => !/\$\{/.test(word)));
        expect(splitWords(words.map(quoted).join(" "))).toMatchObject({ shell: [], unclosed: false });
        expect(texts(words.map(quoted).join(" "))).toEqual(words);
      }),
      { numRuns: 10_000 },
    );
  });

  it("are split as sh splits them, where it does nothing else with them", () => {
    const characters = fc.constantFrom("a", "b", " ", "  ", "\t", "'", '"', "\\", "-", "=", ",", ".", "é", "a b", "%");
    const lines = fc
      .sample(fc.array(characters, { maxLength: 12 }), 2000)
      .map((parts) => parts.join(""))
      .filter((line) => !splitWords(line).unclosed && !/(?:^|[^\\])(?:\\\\)*\\$/.test(line));
    expect(lines.length).toBeGreaterThan(500);
    const script = lines.map((line) => `set -- ${line}\nprintf '%s\\0' "$#" "$@"\nprintf '\\001'`).join("\n");
    const said = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\u0001").slice(0, -1);
    expect(said.map((text) => text.split("\0").slice(1, -1))).toEqual(lines.map((line) => texts(line)));
  });
});
