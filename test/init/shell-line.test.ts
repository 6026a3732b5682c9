import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Piece, type Program, programOf } from "../../src/init/shell-line.ts";
import { folder } from "../rig.ts";

function piecesOf(line: string): readonly Piece[] {
  return line.split(/(\{\{\.\w+\}\})/).map((part) => {
    const param = /^\{\{\.(\w+)\}\}$/.exec(part)?.[1];
    return param === undefined ? part : { param };
  });
}

/** `n` is a number, and all others are texts. */
function made(line: string, shell = "bash"): Program | string {
  return programOf(piecesOf(line), { shell, harmless: new Set(["n"]) });
}

const CODE = [
  "echo {{.x}} | bash",
  'echo "ls {{.x}}" | sh -s',
  "echo '{{.x}}' | python3 -",
  "echo {{.x}} | sort | sh",
  "trap '{{.x}}' EXIT",
  "set -- {{.x}}; $1",
  "f(){ $1; }; f {{.x}}",
  "$(echo {{.x}})",
  "eval ls {{.x}}",
  "[[ {{.x}} -gt 5 ]]",
  "N={{.x}}; [[ $N -gt 3 ]]",
  "N='{{.x}}'; echo $((N+1))",
  "let y={{.x}}",
  "${!V} {{.x}}",
  "echo ${a[{{.x}}]}",
  "echo ${s:{{.x}}:1}",
  "for ((i<{{.x}})); do :; done",
  "printf -v {{.x}} a",
  "read {{.x}}",
  "test -v {{.x}}",
  "watch 'ls {{.x}}'",
  "flock f -c '{{.x}}'",
  "script -c '{{.x}}'",
  "sed 's/a/{{.x}}/' f",
  "sqlite3 db '{{.x}}'",
  "make {{.x}}",
  "ssh host 'ls {{.x}}'",
  "su - bob -c {{.x}}",
  "sudo {{.x}}",
  "exec {{.x}}",
  "env {{.x}} ls",
  "timeout 5 {{.x}}",
  "git -c {{.x}}",
  "git {{.x}}",
  "mysql -e {{.x}}",
  "psql -c {{.x}}",
  "vim -c {{.x}}",
  "rsync -e 'ssh {{.x}}'",
  "parallel {{.x}}",
  "python3 -c '{{.x}}'",
  "awk {{.x}}",
  "jq {{.x}} f",

  "find . -exec {{.x}} +",
  "sort --compress-program {{.x}} f",
  "sort -o {{.x}} f",
  "rg --pre {{.x}} a",
  "ls -{{.x}}",
  "cat f > {{.x}}",
  "cat < {{.x}}",
  "cat <<E\n{{.x}}\nE",
  "{{.x}} a",
  "A={{.x}} ls",
  "if ls {{.x}}\nthen ls\nfi",
  "echo {{.x}} |\nbash",
  "echo {{.x}} && bash {{.x}}",
  "ls {{.x}} & sh",
  "echo `ls {{.x}}`",
  'echo "$(ls {{.x}})"',
  "cd {{.x}} && make",
  "{ ls {{.x}}\n}",
  "echo {{.x}} > f.sh; sh f.sh",
  "uniq {{.x}} {{.y}}",
  "echo {{.x}} |& sh",
  "echo {{.x}} | find . -maxdepth 0 -exec sh ';'",
  "echo {{.x}} | sort --compress-program=sh -S1",
  "echo {{.x}} | sort -o out.txt",
  "echo {{.x}} | uniq - out.txt",
  "cat {{.x}} | jq -f /dev/stdin",
  "cat {{.x}} | rg --pre sh a",
  "file -C -m {{.x}}",
];

const ARGV: readonly (readonly [line: string, run: readonly string[], bare: readonly string[]])[] = [
  ["cat {{.x}}", ["cat", "${{ x }}"], ["x"]],
  ["grep -n -e '{{.x}}' -- \"{{.y}}\"", ["grep", "-n", "-e", "${{ x }}", "--", "${{ y }}"], ["x"]],
  ["echo 'Hello, {{.x}}!'", ["echo", "Hello, ${{ x }}!"], []],
  ["du {{.x}}{{.y}}.txt", ["du", "${{ x }}${{ y }}.txt"], ["x", "y"]],
  ["find {{.x}} -name '*.log'", ["find", "${{ x }}", "-name", "*.log"], ["x"]],
  ["kill {{.n}}", ["kill", "${{ n }}"], ["n"]],
  ["git log --max-count={{.n}}", ["git", "log", "--max-count=${{ n }}"], []],
  ["git status", ["git", "status"], []],
];

const SCRIPTS: readonly (readonly [line: string, run: string])[] = [
  ["cat '{{.x}}' | grep -c {{.y}} 2>/dev/null", `cat "\${arg_x-}" | grep -c "\${arg_y-}" 2>/dev/null\n`],
  ["git log --oneline | grep -F -- '{{.x}}'", `git log --oneline | grep -F -- "\${arg_x-}"\n`],
  [
    "ls 'it''s {{.x}}'\nps aux | sort -k3 | head -n {{.n}}",
    `ls it's '"\${arg_x-}"\nps aux | sort -k3 | head -n "\${arg_n-}"\n`,
  ],
  ["cat {{.x}} | sort -u | uniq -c | jq -R .", `cat "\${arg_x-}" | sort -u | uniq -c | jq -R .\n`],
  [". ./env.sh", ". ./env.sh\n"],
  ["exec ls", "exec ls\n"],
  ["exit 3", "exit 3\n"],
  ["for f in *; do echo $f; done", "for f in *; do echo $f; done\n"],
];

describe("a line of somebody else's shell", () => {
  it.each(CODE)("is not brought over where a value could become code: %s", (line) => {
    expect(made(line)).toEqual(expect.any(String));
  });

  it.each(ARGV)("becomes a list of arguments: %s", (line, run, bare) => {
    expect(made(line)).toEqual({ keys: { run }, bare: new Set(bare) });
  });

  it.each(SCRIPTS)("becomes a constant script: %s", (line, run) => {
    expect(made(line)).toMatchObject({ keys: { shell: "bash", run } });
  });

  it("is not brought over into PowerShell where it has values", () => {
    expect(made("cat {{.x}} | head", "pwsh")).toMatch(/PowerShell/);
  });

  it("hands any text on as it is, whatever stands around it", () => {
    const part = fc.constantFrom(
      ..."echo|ls|cat| |'|\"|{{.x}}|{{.y}}|;|&&|-|--|$|`|(|)|{|\\|\n|#|~|*|a|=|2>&1|>|bash|[[|-v|if|!|${|}".split("|"),
      "|",
    );
    const path = folder();
    const marker = join(path, "F");
    const values = [`a[$(echo >${marker})]`, `$(echo >${marker})`, `';echo >${marker};'`, `";echo >${marker};"`];
    let count = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), fc.constantFrom(...values), (parts, value) => {
        const program = made(`echo ${parts.join("")} {{.x}}`);
        if (typeof program === "string" || !("shell" in program.keys) || ++count > 60) return;
        const { run } = program.keys;
        const env = { PATH: "/usr/bin:/bin", arg_x: value, arg_y: value };
        spawnSync("bash", ["-c", run], { cwd: path, env, input: "" });
        expect(existsSync(marker), run).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});
