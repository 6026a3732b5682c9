import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isLauncher } from "../../src/init/launchers.ts";
import { folder } from "../rig.ts";
import { type MadeHere, madeFrom } from "./made.ts";

/** What is made of a program that says this of itself. */
async function madeOf(help: string): Promise<MadeHere | string> {
  const path = folder({ "help.txt": help });
  writeFileSync(join(path, "tool"), `#!/bin/sh\ncat "${path}/help.txt"\n`, { mode: 0o755 });
  const made = await madeFrom(`help:${path}/tool`, path);
  return typeof made === "string" ? made.replaceAll(`${path}/`, "") : made;
}

/** The arguments behind the program, and each parameter as the option, or the type, that it is. */
async function told(help: string): Promise<unknown> {
  const made = await madeOf(help);
  if (typeof made === "string") return made;
  const [command] = made.draft.commands;
  const run = command?.keys["run"];
  const options = command?.params.flatMap(({ schema: { flag } }) => (typeof flag === "string" ? [flag] : []));
  return {
    run: Array.isArray(run) ? run.slice(1).join(" ") : run,
    options: options?.join(" "),
    notes: made.draft.notes.map((note) => note.replace(/^\S+\/tool: /, "")),
  };
}

const RUNS = "--with would let a model choose what is run";

const HELP: readonly (readonly [help: string, told: unknown])[] = [
  ["Usage: tool NAME[:TAG|@DIGEST]", { run: "${{ name }}", options: "", notes: [] }],
  ["Usage: tool [-u <key-id>] [(-c | -C) <commit>] [--x=<no>] [<tag>]", { run: "${{ tag }}", options: "", notes: [] }],
  ["Usage: tool [<a> | <b>] [--] [<path>...]", { run: "${{ a_or_b }} -- ${{ paths }}", options: "", notes: [] }],
  ["Usage: tool MODE[,MODE]... FILE...", { run: "${{ mode }} ${{ files }}", options: "", notes: [] }],
  ["Usage: tool (TYPE [NAME | -l label] | TYPE/NAME ...)", /^tool: the usage .* is not understood$/],
  ["Usage: tool", "tool: nothing of its help is understood"],
  ["Usage: tool FILE\n  --with BINARY   starts it\n", { run: "${{ file }}", options: "", notes: [RUNS] }],
  [
    "Usage: tool FILE\n  -NUM   same as --context=NUM\n  -C, --context=NUM   lines around it\n",
    { run: "${{ flags }} ${{ file }}", options: "--context=", notes: ["not understood: `-NUM same as --context=NUM`"] },
  ],
  [
    "Usage: tool FILE\n  -A, --agent <name>   who asks\n  --size N   how big\n  --color[=WHEN]   when\n  -o FILE, --output   where\n  --level value, -l value   how\n  --depth\n    How deep [--depth <n>]\n",
    {
      run: "${{ flags }} ${{ file }}",
      options: "--agent --size --color= --output --level --depth",
      notes: [],
    },
  ],
  [
    "Usage: tool FILE\n  -?, --help   this\n  -#, --bar   how far\n  --Ünï <x>  text\n  -- all\n  -@   each\n  - no option\n  -> none\n-----\n",
    {
      run: "${{ flags }} ${{ file }}",
      options: "--bar",
      notes: ["not understood: `--Ünï <x> text`, `-- all`, `-@ each`"],
    },
  ],
  ["Usage: tool FILE [FILE...]", { run: "${{ files }}", options: "", notes: [] }],
  ["Usage:\ntool [<spec> ...]", { run: "${{ specs }}", options: "", notes: [] }],
  [
    "usage: tool [-h] file\n\npositional arguments:\n  file   what to read\n",
    { run: "${{ file }}", options: "", notes: [] },
  ],
  [
    "Usage: tool [<up> [<branch>]] FILE\n  --arg a v   set a variable\n  --under everything below\n  -n, --num=N   how many\n",
    {
      run: "${{ flags }} ${{ file }}",
      options: "--num=",
      notes: ["not understood: `--arg a v set a variable`, `--under everything below`, `[<up> [<branch>]]`"],
    },
  ],
  [
    "Usage: tool FILE\n\nOptions:\n    -o, --only\n            Prints parts. This is like\n            --other with more.\n    --omit\n        What not [--omit <dev|peer>]\n",
    { run: "${{ flags }} ${{ file }}", options: "--only --omit", notes: [] },
  ],
  [
    "Usage: tool FILE\n  --action=WHAT   what to do if it exists\n  --on-hit=LINE   execute LINE then\n  --config=FILE   read it\n  --user ID:SECRET   who\n",
    {
      run: "${{ flags }} ${{ file }}",
      options: "--action=",
      notes: [
        "--on-hit, --config would let a model choose what is run",
        "--user is a secret, which every process could read on the command line",
      ],
    },
  ],
  [
    "Usage: tool [OPTIONS] PROG [ARGS]\n  -v   say more\n",
    "tool: its operand `PROG` would let a model choose what is run",
  ],
  ["Usage: tool [-x] [expression]", "tool: its operand `[expression]` would let a model choose what is run"],
  ["Usage: tool { -p PID | [-E VAR=VAL]... PROG [ARGS] }", /would let a model choose what is run/],
  ["Usage: tool (start|stop) now", "tool: the usage `(start|stop) now` is not understood"],
  [
    "Usage: tool IMAGE\n  --entrypoint string   what starts\n",
    /would let a model choose what is run, and with which rights/,
  ],
  ["nothing to see here", "tool: nothing of its help is understood"],
];

const EFFECTS: readonly (readonly [name: string, help: string, told: RegExp])[] = [
  ["list", "Usage: list [DIR]\n  --all   all of it\n", /effect: read # review: guessed from the word "list"/],
  ["list", "Usage: list [DIR]\n  --clear-colors   plain text\n", /effect: read # review/],
  ["list", "Usage: list [DIR]\n  -o, --output FORMAT   json or text\n", /effect: read # review/],
  ["list", "Usage: list [DIR]\n  -o, --output FILE   write there\n", /effect: write # review: .* its option --output/],
  ["list", "Usage: list [DIR]\n  --fix   mends it\n", /effect: write # review: .* its option --fix/],
  ["list", "Usage: list [DIR]\n  --delete-missing\n", /effect: write # review: .* its option --delete-missing/],
  ["show-update", "Usage: show-update [DIR]\n", /effect: write # review: .* the word "update"/],
  ["version", "Usage: version [LEVEL]\n", /effect: write # review: guessed from its name/],
  ["get", "Usage: get [NAME]\n", /effect: write # review: guessed from its name/],
  ["install", "Usage: install NAME\n", /effect: write # review: guessed from its name/],
  ["dd", "Usage: dd [OPERAND]...\n", /effect: destructive # review: .*\n +confirm:/],
  [
    "pack",
    "Usage: pack [OPTION]\n\n Main operation mode:\n  -c, --create   make\n  -x, --extract   take\n\n Other:\n  -v   more\n",
    /review: it does nothing without one of --create, --extract: write/,
  ],
];

describe("a program's help", () => {
  it.each(EFFECTS)("of %s, %j, lets one think %s", async (name, help, expected) => {
    const path = folder({ "help.txt": help });
    writeFileSync(join(path, name), `#!/bin/sh\ncat "${path}/help.txt"\n`, { mode: 0o755 });
    expect(await madeFrom(`help:${path}/${name}`, path)).toMatchObject({ text: expect.stringMatching(expected) });
  });

  it.each(HELP)("%j", async (help, expected) => {
    const made = await told(help);
    if (expected instanceof RegExp) expect(made).toMatch(expected);
    else expect(made).toEqual(expected);
  });

  it("tells which of its subcommands have some of their own, and stays behind where all of them do", async () => {
    const help = "Usage: tool COMMAND\n\nCommands:\n  sub   does it\n";
    const path = folder({ "help.txt": help });
    writeFileSync(join(path, "tool"), `#!/bin/sh\necho "$1"; cat "${path}/help.txt"\n`, { mode: 0o755 });
    const made = await madeFrom(`help:${path}/tool`, path);
    expect(typeof made === "string" && made.replaceAll(`${path}/`, "")).toBe(
      'tool sub: it has subcommands of its own (sub); import it by `--from "tool sub --help"`',
    );
  });

  it("of a subcommand that is the help of the program is no help", async () => {
    const help = "Usage: tool COMMAND\n\nCommands:\n  one   does it\n  two   does it twice\n";
    expect(await madeOf(help)).toMatch(/^`tool one --help` says the same as `tool --help`, and so do its other subc/);
    const path = folder({ "help.txt": help });
    const script = `#!/bin/sh\n[ "$1" = two ] && echo "Usage: tool two FILE" || cat "${path}/help.txt"\n`;
    writeFileSync(join(path, "tool"), script, { mode: 0o755 });
    const made = await madeFrom(`help:${path}/tool`, path);
    expect(made).toMatchObject({
      draft: {
        commands: [{ name: "tool_two" }],
        notes: [expect.stringMatching(/tool one: its `--help` is that of `\S+tool`: what it takes is not told$/)],
      },
    });
  });

  it.each([
    "bash",
    "perl",
    "python3.12",
    "/usr/bin/env",
    "xargs",
    "sed",
    "make",
    "node",
    "sudo",
    "setsid",
    "strace",
    "unshare",
    "ssh",
    "find",
    "awk",
    "docker run",
    "docker container exec",
    "npm exec",
    "git bisect",
    "Bash.exe",
  ])("of `%s` is not read: it runs what it is told", async (source) => {
    expect(isLauncher(source.split(" "))).toBe(true);
    expect(await madeFrom(`help:${source}`, folder())).toMatch(/runs what its arguments tell it to/);
  });

  it.each(["git log", "ls", "tar", "docker ps", "rg"])("of `%s` is read", (source) => {
    expect(isLauncher(source.split(" "))).toBe(false);
  });
});
