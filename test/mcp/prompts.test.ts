// Prompts of the catalogue, as the official clients see them.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, mcpfier, poll } from "../rig.ts";
import { type Raw, raw } from "./raw.ts";
import { KINDS, type Talker, talk } from "./talker.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const CANARY = "canary-5e1f";

const YAML = `
commands:
  - name: show
    description: d
    effect: read
    run: [printf, "<%s>", "\${{ word }}", "\${{ numbers }}"]
    params:
      word: { type: string, leading_dash: allow }
      numbers: { type: array, items: { type: integer } }
  - { name: fail, description: d, effect: read, shell: sh, run: 'echo "no luck, $MCPFIER_SECRET" >&2; exit 3', env: { MCPFIER_SECRET: "\${MCPFIER_SECRET:-none-at-all}" } }
  - { name: picture, description: d, effect: read, run: [cat, logo.png], output: { format: image } }
prompts:
  - name: review
    title: Review a file
    description: Asks for a review.
    params:
      path: { type: path, within: [docs], exists: file, description: The file }
      style: { enum: [short, SHORTER, long], default: short }
      count: { type: integer, minimum: 1 }
      again: { type: boolean }
    messages:
      - text: In \${{ style }} form, not $\${{ style }}.
      - text: File \${{ path }}.
      - role: assistant
        text: \${{ count }} times, \${{ again }}.
  - name: show
    command: show
    args: { word: "say \${{ word }}", numbers: [1, 2] }
    params: { word: { type: string, required: true } }
  - name: pictures
    params: { path: { type: path, exists: file } }
    messages:
      - image: logo.png
      - image: \${{ path }}
      - command: picture
  - { name: fail, command: fail }
  - { name: told, text: "the key is \${MCPFIER_SECRET:-none-at-all} here" }
  - { name: only, text: "\${{ a }}", params: { a: { type: string } } }
`;

function place(): string {
  const path = folder({
    "mcpfier.yaml": YAML,
    "docs/guide.md": "",
    "docs/.hidden": "",
    "docs/sub/x.md": "",
    secret: CANARY,
  });
  writeFileSync(join(path, "logo.png"), PNG);
  writeFileSync(join(path, "docs/big.png"), Buffer.concat([PNG, Buffer.alloc(1024 ** 2)]));
  symlinkSync("../secret", join(path, "docs/out"));
  symlinkSync("sub", join(path, "docs/link"));
  symlinkSync("/", join(path, "docs/root"));
  return path;
}

const file = (path: string): string => join(path, "mcpfier.yaml");
const textsOf = (
  messages: readonly { readonly role: string; readonly content: { type: string; text?: string } }[],
): unknown => messages.map(({ role, content }) => [role, content.text]);

describe.each(KINDS)("prompts, seen by %s", (kind) => {
  test("are listed, made, refused and completed", async () => {
    const path = place();
    const talker = await talk(kind, file(path), { MCPFIER_SECRET: CANARY });
    const { prompts } = await talker.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(["review", "show", "pictures", "fail", "told", "only"]);
    expect(prompts[0]).toEqual({
      name: "review",
      title: "Review a file",
      description: "Asks for a review.",
      arguments: [
        { name: "path", description: "The file", required: false },
        { name: "style", required: false },
        { name: "count", required: false },
        { name: "again", required: false },
      ],
    });
    expect(talker.getServerCapabilities()).toMatchObject({ prompts: { listChanged: true }, completions: {} });
    await checkMade(talker, path);
    await checkRefused(talker);
    await checkCompleted(talker);
  });
});

async function checkMade(talker: Talker, path: string): Promise<void> {
  const short = await talker.getPrompt({ name: "review" });
  expect(short.description).toBe("Asks for a review.");
  expect(textsOf(short.messages)).toEqual([["user", "In short form, not ${{ style }}."]]);
  const all = { path: "sub/../guide.md", style: "long", count: "3", again: "false" };
  const full = await talker.getPrompt({ name: "review", arguments: all });
  expect(textsOf(full.messages)).toEqual([
    ["user", "In long form, not ${{ style }}."],
    ["user", `File ${path}/docs/guide.md.`],
    ["assistant", "3 times, false."],
  ]);
  // Whatever a value looks like, it is text.
  for (const word of ["${{ workspace }}", "$(id) `id`; ${HOME}", "-n\n", '"', "😀"]) {
    const { messages } = await talker.getPrompt({ name: "show", arguments: { word } });
    expect(textsOf(messages)).toEqual([["user", `<say ${word}><1><2>`]]);
    expect(textsOf((await talker.getPrompt({ name: "only", arguments: { a: word } })).messages)).toEqual([
      ["user", word],
    ]);
  }
  const image = { type: "image", mimeType: "image/png", data: PNG.toString("base64") };
  const pictures = await talker.getPrompt({ name: "pictures", arguments: { path: "logo.png" } });
  expect(pictures.messages.map(({ content }) => content)).toEqual([image, image, image]);
  expect(textsOf((await talker.getPrompt({ name: "told" })).messages)).toEqual([
    ["user", "the key is [redacted] here"],
  ]);
}

async function checkRefused(talker: Talker): Promise<void> {
  const failing = async (name: string, args: Record<string, string> = {}): Promise<string> => {
    const error: unknown = await talker.getPrompt({ name, arguments: args }).then(
      () => new Error("it was made"),
      (reason: unknown) => reason,
    );
    expect(String(error)).not.toContain(CANARY);
    return String(error);
  };
  expect(await failing("reviw")).toMatch(/there is no prompt "reviw"; did you mean "review"\?/);
  expect(await failing("review", { styl: "x" })).toMatch(/styl: is not an argument; did you mean "style"\?/);
  expect(await failing("review", { style: "x" })).toMatch(/style: must be one of "short", "SHORTER", "long", came "x"/);
  expect(await failing("review", { count: "0x3", again: "yes" })).toMatch(
    /count: expected a whole number, came "0x3"\nagain: expected true or false, came "yes"/,
  );
  expect(await failing("review", { count: "0" })).toMatch(/count: must be >= 1, came 0/);
  expect(await failing("show")).toMatch(/word: is required/);
  expect(await failing("show", { word: "a\0b" })).toMatch(/NUL/);
  for (const path of ["../secret", "/etc/passwd", "out", "root/etc/passwd", "sub/../../secret"])
    expect(await failing("review", { path })).toMatch(/path\.outside/);
  expect(await failing("review", { path: "guide.md\0" })).toMatch(/NUL/);
  expect(await failing("review", { path: "sub" })).toMatch(/is not a file; expected one/);
  expect(await failing("pictures", { path: "docs/big.png" })).toMatch(/larger than 1048576 bytes/);
  expect(await failing("pictures", { path: "docs/guide.md" })).toMatch(/is text\/markdown; expected a picture/);
  expect(await failing("fail")).toMatch(/the command "fail" failed: exit code 3[\s\S]*no luck, \[redacted\]/);
  expect(await failing("only")).toMatch(/every message mentions an argument that was not given; give one of a/);
}

async function checkCompleted(talker: Talker): Promise<void> {
  const complete = async (name: string, value: string): Promise<unknown> =>
    (await talker.complete({ ref: { type: "ref/prompt", name: "review" }, argument: { name, value } })).completion;
  const all = (values: readonly string[]): object => ({ values, total: values.length, hasMore: false });
  expect(await complete("style", "sho")).toEqual(all(["short", "SHORTER"]));
  expect(await complete("again", "")).toEqual(all(["true", "false"]));
  expect(await complete("count", "1")).toEqual(all([]));
  expect(await complete("path", "")).toEqual(all(["big.png", "guide.md", "link/", "sub/"]));
  expect(await complete("path", ".")).toEqual(all([".hidden"]));
  expect(await complete("path", "link/")).toEqual(all(["link/x.md"]));
  expect(await complete("path", "sub/../g")).toEqual(all(["sub/../guide.md"]));
  for (const value of ["../", "/", "/etc/", "root/", "sub/../../", "nowhere/", "a\0", "..", "out/"])
    expect(await complete("path", value), value).toEqual(all([]));
  await expect(complete("nothing", "")).rejects.toThrow(/there is no argument "nothing"; expected one of path, style/);
}

test("completions are a hundred at most, and say that there are more", async () => {
  const path = folder();
  mkdirSync(join(path, "many"));
  for (let index = 0; index < 130; index += 1)
    writeFileSync(join(path, "many", `f${String(index).padStart(3, "0")}`), "");
  writeFileSync(file(path), 'prompts: [{ name: p, text: "${{ a }}", params: { a: { type: path } } }]\n');
  const talker = await talk("SDK 2 (auto)", file(path));
  const { completion } = await talker.complete({
    ref: { type: "ref/prompt", name: "p" },
    argument: { name: "a", value: "many/f" },
  });
  expect(completion).toMatchObject({ total: 130, hasMore: true });
  expect(completion.values).toHaveLength(100);
  expect(completion.values[99]).toBe("many/f099");
});

test("a command offers the values of an argument, with what is known already, and never more than fits", async () => {
  const yaml = `
commands:
  - name: branches
    description: d
    effect: read
    shell: sh
    run: 'echo "$arg_repo/main"; echo "  $arg_repo/dev \t"; echo; echo "$arg_repo/main"; echo "typed $arg_typed"; echo "key \${KEY}"; seq 1 "$arg_count"'
    params: { repo: { type: string, default: none }, typed: { type: string }, count: { type: integer, default: 3 } }
    env: { KEY: "\${MCPFIER_SECRET:-none-at-all}" }
  - { name: fail, description: d, effect: read, run: [sh, -c, "echo no; exit 1"] }
  - { name: slow, description: d, effect: read, run: [sleep, "60"], timeout: 1s }
prompts:
  - name: p
    text: \${{ repo }} \${{ count }} \${{ a }} \${{ b }} \${{ c }} \${{ d }}
    params:
      repo: { type: string, pattern: "[a-z]+" }
      count: { type: integer, required: true }
      a: { type: string, complete: { command: branches, args: { repo: "\${{ repo }}", typed: "\${{ a }}", count: "\${{ count }}" } } }
      b: { type: string, complete: branches }
      c: { type: string, complete: fail }
      d: { type: string, complete: slow }
`;
  const path = folder({ "mcpfier.yaml": yaml });
  const talker = await talk("SDK 2 (auto)", file(path), { MCPFIER_SECRET: CANARY });
  const complete = async (name: string, value: string, others?: Record<string, string>): Promise<readonly string[]> => {
    const ref = { type: "ref/prompt", name: "p" } as const;
    const context = others ? { context: { arguments: others } } : {};
    return (await talker.complete({ ref, argument: { name, value }, ...context })).completion.values;
  };
  expect(await complete("b", "")).toEqual(["none/main", "none/dev", "typed", "key [redacted]", "1", "2", "3"]);
  expect(await complete("b", "NONE/D")).toEqual(["none/dev"]);
  expect(await complete("a", "my", { repo: "my", count: "0" })).toEqual(["my/main", "my/dev"]);
  expect(await complete("a", "typed", { repo: "my" })).toEqual(["typed typed"]);
  // What does not fit is no argument, and what nobody declared is none either.
  expect(await complete("a", "n", { repo: "${{ x }}; id", nobody: "x" })).toEqual(["none/main", "none/dev"]);
  const many = await complete("a", "1", { repo: "my", count: "100000" });
  expect(many).toHaveLength(100);
  expect(await complete("c", "")).toEqual([]);
  expect(await complete("d", "")).toEqual([]);
});

describe("a reload", () => {
  const announced = (session: Raw, what: string): number =>
    session.messages().filter(({ method }) => method === `notifications/${what}/list_changed`).length;

  test("tells of prompts and resources only where their list is another", async () => {
    const write = async (text: string, times: number): Promise<void> => {
      writeFileSync(join(session.folder, "mcpfier.yaml"), text);
      await poll(
        () => session.stderr().split("the catalogue changed").length > times,
        () => session.stderr(),
      );
    };
    const session = await raw("prompts: [{ name: a, text: old }]\n");
    await write("prompts: [{ name: a, text: new }]\n", 1);
    session.send({ id: 1, method: "prompts/get", params: { name: "a" } });
    expect(JSON.stringify((await session.answer(1)).result)).toContain('"new"');
    expect(announced(session, "prompts")).toBe(0);
    await write("prompts: [{ name: a, text: new, title: Another }]\n", 2);
    session.send({ id: 2, method: "ping" });
    await session.answer(2);
    expect(announced(session, "prompts")).toBe(1);
    expect(announced(session, "resources")).toBe(0);
    await write('resources: [{ uri: "a:///b", name: b, file: b }]\n', 3);
    session.send({ id: 3, method: "ping" });
    await session.answer(3);
    expect(announced(session, "prompts")).toBe(2);
    expect(announced(session, "resources")).toBe(1);
    await write('resources: [{ uri: "a:///b", name: b, file: c, max: 3B }]\n', 4);
    session.send({ id: 4, method: "ping" });
    await session.answer(4);
    expect(announced(session, "resources")).toBe(1);
    expect(announced(session, "tools")).toBe(0);
  });
});

test("mcpfier list shows prompts below the commands", async () => {
  const { stdout } = await mcpfier(["list", "-c", file(place())]);
  expect(stdout).toMatch(/^picture +read +d\nreview +prompt +Asks for a review\.$/m);
});
