import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Explanation } from "../../src/cli/explanation.ts";
import { widthOf } from "../../src/cli/width.ts";
import { clients } from "../mcp/clients.ts";
import { folder, mcpfier } from "../rig.ts";

const CATALOGUE = `
commands:
  - name: local
    title: Everything at once
    description: |-
      Has a parameter for each place.
      日本語の説明
    effect: read
    run: [cat, "\${{ flags }}", [-C, "\${{ lines }}"], "\${{ word }}", --, "x:\${{ text }}", "\${{ paths }}", "\${EXPLAIN_TOKEN}"]
    params:
      lines: { type: integer, minimum: 0, default: 3, description: Lines. }
      word: { type: string, description: A word. }
      text: { type: string, required: true, description: A text. }
      paths: { type: array, items: { type: path }, exists: file, description: Files. }
      quiet: { type: boolean, flag: [-q, -s], description: Quiet. }
      sort: { enum: { name: [], time: [-t] }, flag: true, description: The order. }
      glob: { type: string, flag: --glob=, description: A pattern. }
      after: { type: string, flag: -A, leading_dash: allow, description: After. }
      pin: { type: string, secret: true, description: A secret. }
      body: { type: string, as: file, description: Long. }
      only: { type: string, description: In a condition. }
    stdin: "\${{ pin }} \${{ body }}"
    env: { WORD: "\${{ word }}", inherit: [EXPLAIN_*] }
    confirm: Really \${{ text }}?
    constraints: [{ check: only != text, message: they differ }]
    timeout: 90s
    handoff: 45s
    limits: { memory: 512MiB, open_files: 64 }
    ok_exit_codes: { 0: done, 1: nothing }
  - name: script
    description: Counts what it is given.
    shell: sh
    run: 'printf "%s" "$arg_word" | wc; ls -- "$@"'
    params:
      word: { type: string, description: A word. }
      names: { type: array, items: { type: string }, positional: true, description: Names. }
  - name: hook
    description: Sends what it is given.
    webhook:
      url: "https://example.org/items/\${{ id }}?q=\${{ text }}"
      method: POST
      headers: { X-Kind: "\${{ kind }}" }
      body: { list: [{ deep: "\${{ text }}" }] }
    params:
      id: { type: integer, required: true, description: The id. }
      text: { type: string, description: A text. }
      kind: { type: string, enum: [a, b], description: The kind. }
`;

const env = { EXPLAIN_TOKEN: "canary-of-the-environment", NO_COLOR: "1", FORCE_COLOR: undefined };
const cwd = (): string => folder({ "mcpfier.yaml": CATALOGUE });

async function explained(name: string): Promise<Explanation> {
  const { code, stdout } = await mcpfier(["explain", name, "--json"], { cwd: cwd(), env });
  expect(code).toBe(0);
  return JSON.parse(stdout) as Explanation;
}

/** Each parameter with its places: kind, place, and a `!` where what begins with a dash is refused. */
function places({ parameters }: Explanation): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    parameters.map(({ name, lands }) => [
      name,
      lands.map(({ kind, place, position, guarded }) => `${kind}${position ?? ""} ${place}${guarded ? " !" : ""}`),
    ]),
  );
}

describe("explain", () => {
  it("tells where each parameter of a program lands", async () => {
    const explanation = await explained("local");
    expect(places(explanation)).toEqual({
      lines: ["argv2 [-C, ${{ lines }}] !"],
      word: ["argv3 ${{ word }} !", "variable WORD"],
      text: ["argv5 x:${{ text }}", "question the question of `confirm`"],
      paths: ["argv6 ${{ paths }}"],
      quiet: ["flag -q -s"],
      sort: ["flag name: nothing, time: -t"],
      glob: ["flag --glob=${{ glob }}"],
      after: ["flag -A ${{ after }}"],
      pin: ["stdin stdin"],
      body: ["stdin stdin"],
      only: [],
    });
    expect(explanation.parameters.find(({ name }) => name === "paths")?.guards).toEqual([
      expect.stringMatching(/^a path inside \/.*, links followed$/),
      "must be a file",
    ]);
    expect(explanation.rules).toMatchObject({
      timeout: "1m30s",
      handoff: "after 45s it goes on as a job",
      confirm: "Really ${{ text }}?",
      constraints: "only != text (they differ)",
      limits: "memory 512MiB, open_files 64",
      env: "inherits EXPLAIN_*; sets WORD",
      ok_exit_codes: "0 (done), 1 (nothing)",
    });
  });

  it("tells where each parameter of a script and of a request lands", async () => {
    expect(places(await explained("script"))).toEqual({ word: ["variable arg_word"], names: ['positional "$@" !'] });
    expect(places(await explained("hook"))).toEqual({
      id: ["url /${{ id }} of the URL's path"],
      text: ["url q= of the URL's query", "body /list/0/deep of the body"],
      kind: ["header the header X-Kind"],
    });
  });

  it("shows the tool just as a client is told of it", async () => {
    const file = join(cwd(), "mcpfier.yaml");
    const [client] = clients;
    const session = await client?.open(file, { EXPLAIN_TOKEN: env.EXPLAIN_TOKEN });
    const served = (await session?.tools())?.find(({ name }) => name === "local");
    // Whether a call of it may be a task is the door's business.
    const { tool } = await explained("local");
    expect(Object.assign({}, tool, { execution: { taskSupport: "optional" } })).toEqual(served);
  });

  it("holds no secret of the environment, as text or as JSON", async () => {
    for (const words of [["local"], ["local", "--json"]]) {
      const { stdout } = await mcpfier(["explain", ...words], { cwd: cwd(), env });
      expect(stdout).not.toContain(env.EXPLAIN_TOKEN);
      expect(stdout).toContain("[redacted]");
    }
  });

  it("prints columns that stand below each other", async () => {
    const { stdout } = await mcpfier(["explain", "local"], { cwd: cwd(), env });
    expect(stdout).toContain("日本語の説明");
    const rows = stdout.slice(stdout.indexOf("Parameters\n"), stdout.indexOf("Rules\n")).trimEnd().split("\n").slice(1);
    expect(rows).toHaveLength(11);
    const starts = rows.map((row) => widthOf(row.slice(0, row.search(/argument|flag|stdin|nowhere/))));
    expect(new Set(starts).size).toBe(1);
  });

  it("says which command may have been meant, and exits with 1", async () => {
    const ran = await mcpfier(["explain", "lcoal"], { cwd: cwd(), env });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain('there is no command "lcoal": did you mean "local"?\n');
  });
});
