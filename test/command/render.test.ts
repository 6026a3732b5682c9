import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/pipeline/call.ts";
import { atEnd, engineOf, folder, load, poll } from "../rig.ts";
import { LONGEST, yamlOf } from "./hostile.ts";

interface Words {
  readonly run: unknown;
  readonly params?: Readonly<Record<string, object>>;
  readonly [key: string]: unknown;
}

function catalogue(words: Words): string {
  return yamlOf({ commands: [{ name: "t", description: "d", ...words }] });
}

async function call(
  words: Words,
  args: object = {},
  options: { readonly dryRun?: boolean; readonly folder?: string } = {},
): Promise<Outcome> {
  const engine = await engineOf(catalogue(words), options.folder === undefined ? {} : { folder: options.folder });
  return engine.call({ tool: "t", arguments: args, dryRun: options.dryRun ?? true });
}

/** The argv after the program, or the code of the refusal. */
async function argv(words: Words, args: object = {}): Promise<readonly string[] | string> {
  const outcome = await call(words, args);
  if (outcome.kind === "planned") return outcome.plan.argv.slice(1);
  return outcome.kind === "refused" ? outcome.code : outcome.kind;
}

/** What a program printed. */
function printed(outcome: Outcome): string {
  if (outcome.kind === "refused" || outcome.kind === "planned")
    throw new Error(`came ${JSON.stringify(outcome).slice(0, 500)}`);
  return outcome.stdout.head.toString();
}

const STRING = { type: "string" };
const STRINGS = { type: "array", items: STRING };

describe("the first catalogue of the language's description", () => {
  const search: Words = {
    run: ["printf", "--json", "${{ flags }}", "--", "${{ pattern }}", "${{ paths }}"],
    params: {
      pattern: { type: "string", required: true },
      paths: { type: "array", items: { type: "path" }, within: "workspace", default: ["."] },
      ignore_case: { type: "boolean", flag: "--ignore-case" },
      globs: { type: "array", items: STRING, flag: "--glob=" },
      max_count: { type: "integer", minimum: 1, maximum: 500, default: 50, flag: "--max-count=" },
    },
  };

  it("renders defaults, flags in the order of declaration, and the pattern behind `--`", async () => {
    const root = folder();
    const engine = await engineOf(catalogue(search), { folder: root });
    const given = { globs: ["*.ts", "!x"], ignore_case: true, pattern: "--output=x" };
    expect(await engine.call({ tool: "t", arguments: given, dryRun: true })).toMatchObject({
      kind: "planned",
      plan: {
        argv: [
          "printf",
          "--json",
          "--ignore-case",
          "--glob=*.ts",
          "--glob=!x",
          "--max-count=50",
          "--",
          "--output=x",
          root,
        ],
      },
    });
    expect(await engine.call({ tool: "t", arguments: { pattern: "p", paths: [] }, dryRun: true })).toMatchObject({
      plan: { argv: ["printf", "--json", "--max-count=50", "--", "p"] },
    });
  });

  it("refuses what the schema refuses, with a line for every problem", async () => {
    const outcome = await call(search, { max_count: 501, ignore_case: "yes", colour: 1 });
    expect(outcome).toMatchObject({ kind: "refused", code: "arguments.invalid" });
    expect(outcome.kind === "refused" && outcome.problems.map((line) => line.split(":")[0] ?? "").toSorted()).toEqual([
      "colour",
      "ignore_case",
      "max_count",
      "pattern",
    ]);
  });

  it.each([
    ["that the schema refuses", 1, "names[0]: must be string, came 1"],
    ["that no program can be given", "\0", "names.0: holds a NUL character, which no program can be given"],
  ])(
    "refuses 200,000 values %s with a hundred lines, and says how many more there are",
    async (_what, value, first) => {
      const words = {
        run: ["printf", "${{ names }}"],
        params: { names: { type: "array", items: { type: "string" } } },
      };
      const outcome = await call(words, { names: Array.from({ length: 200_000 }, () => value) });
      expect(outcome).toMatchObject({ kind: "refused", code: "arguments.invalid" });
      const problems = outcome.kind === "refused" ? outcome.problems : [];
      expect([problems.length, problems[0], problems.at(-1)]).toEqual([101, first, "and 199900 more"]);
    },
  );
});

describe("how `flag` renders", () => {
  it.each([
    ["boolean, true", { type: "boolean", flag: "--ignore-case" }, true, ["--ignore-case"]],
    ["boolean, false", { type: "boolean", flag: "--ignore-case" }, false, []],
    ["boolean, absent", { type: "boolean", flag: "--ignore-case" }, undefined, []],
    ["boolean, a default of true", { type: "boolean", flag: "-i", default: true }, undefined, ["-i"]],
    ["boolean, a list", { type: "boolean", flag: ["--toc", "--standalone"] }, true, ["--toc", "--standalone"]],
    ["number, attached", { type: "number", flag: "--max-count=" }, 5, ["--max-count=5"]],
    ["number, apart", { type: "number", flag: "-C" }, 5, ["-C", "5"]],
    ["number, a fraction", { type: "number", flag: "-C" }, 0.5, ["-C", "0.5"]],
    ["number, zero", { type: "number", flag: "-C" }, 0, ["-C", "0"]],
    ["string, attached", { type: "string", flag: "--max-count=" }, "five", ["--max-count=five"]],
    ["string, attached, that begins with a dash", { type: "string", flag: "--x=" }, "-five", ["--x=-five"]],
    ["string, apart", { type: "string", flag: "-C" }, "five six", ["-C", "five six"]],
    ["string, apart, that begins with a dash", { type: "string", flag: "-C" }, "-five", "dash.leading"],
    ["string, the same, allowed", { type: "string", flag: "-C", leading_dash: "allow" }, "-five", ["-C", "-five"]],
    ["string, empty", { type: "string", flag: "-C" }, "", ["-C", ""]],
    ["array, attached", { ...STRINGS, flag: "--glob=" }, ["a", "b"], ["--glob=a", "--glob=b"]],
    ["array, apart", { ...STRINGS, flag: "-g" }, ["a", "b"], ["-g", "a", "-g", "b"]],
    ["array, apart, one with a dash", { ...STRINGS, flag: "-g" }, ["a", "-b"], "dash.leading"],
    ["array, empty", { ...STRINGS, flag: "-g" }, [], []],
    ["array, joined", { ...STRINGS, flag: "--selector=", join: "," }, ["a", "b"], ["--selector=a,b"]],
    ["array, joined, apart", { ...STRINGS, flag: "-s", join: "," }, ["a", "-b"], ["-s", "a,-b"]],
    ["array, joined, empty", { ...STRINGS, flag: "--selector=", join: "," }, [], []],
    ["object, attached", { type: "object", flag: "--metadata=" }, { k: "v" }, ["--metadata=k=v"]],
    [
      "object, two keys",
      { type: "object", flag: "--metadata=" },
      { k: "v=w", l: 1 },
      ["--metadata=k=v=w", "--metadata=l=1"],
    ],
    ["object, apart, a key with a dash", { type: "object", flag: "-M" }, { "-k": "v" }, "dash.leading"],
    ["object, empty", { type: "object", flag: "--metadata=" }, {}, []],
    [
      "enum as a map",
      { enum: { short: ["--oneline"], patch: ["--patch", "--no-ext-diff"] }, flag: true },
      "short",
      ["--oneline"],
    ],
    [
      "enum as a map, two elements",
      { enum: { short: ["--oneline"], patch: ["--patch", "--no-ext-diff"] }, flag: true },
      "patch",
      ["--patch", "--no-ext-diff"],
    ],
    ["enum as a map, none", { enum: { none: [], short: ["-s"] }, flag: true }, "none", []],
    [
      "enum as a map, a name of every object",
      { enum: { short: ["-s"] }, flag: true },
      "constructor",
      "arguments.invalid",
    ],
  ] as const)("%s", async (_what, param, value, expected) => {
    expect(
      await argv(
        { run: ["printf", "<", "${{ flags }}", ">"], params: { x: param } },
        value === undefined ? {} : { x: value },
      ),
    ).toEqual(typeof expected === "string" ? expected : ["<", ...expected, ">"]);
  });

  it("a string given for a flag that also takes true or false is not lost", async () => {
    const words: Words = {
      run: ["printf", "${{ flags }}"],
      params: { x: { type: ["boolean", "string"], flag: "--x=" } },
    };
    const { catalogue: loaded } = await load(catalogue(words));
    if (loaded) expect(await argv(words, { x: "hello" })).toEqual(["--x=hello"]);
    else expect(loaded).toBeNull();
  });
});

describe("placeholders in `run`", () => {
  it.each([
    ["alone", "${{ x }}", STRING, "a b", ["a b"]],
    ["alone, spelt without spaces", "${{x}}", STRING, "a", ["a"]],
    ["alone, empty text", "${{ x }}", STRING, "", [""]],
    ["alone, absent", "${{ x }}", STRING, undefined, []],
    ["alone, null", "${{ x }}", STRING, null, []],
    ["alone, a number", "${{ x }}", { type: "number" }, 1.5, ["1.5"]],
    ["alone, true", "${{ x }}", { type: "boolean" }, true, ["true"]],
    ["alone, false", "${{ x }}", { type: "boolean" }, false, ["false"]],
    ["alone, an object", "${{ x }}", { type: "object" }, { a: [1, null] }, ['{"a":[1,null]}']],
    ["alone, an array", "${{ x }}", STRINGS, ["a", "b c", ""], ["a", "b c", ""]],
    ["alone, an empty array", "${{ x }}", STRINGS, [], []],
    ["alone, a joined array", "${{ x }}", { ...STRINGS, join: ":" }, ["a", "b"], ["a:b"]],
    [
      "alone, an array of arrays",
      "${{ x }}",
      { type: "array", items: { type: "array" } },
      [["a", "b"], []],
      ['["a","b"]', "[]"],
    ],
    ["in text", "file:${{ x }}", STRING, "a b", ["file:a b"]],
    ["in text, absent", "file:${{ x }}", STRING, undefined, []],
    ["in text, twice", "${{ x }}:${{ x }}", STRING, "a", ["a:a"]],
    ["in text, a joined array", "f:${{ x }}.txt", { ...STRINGS, join: "," }, ["a", "b"], ["f:a,b.txt"]],
    ["in text, an empty joined array", "f:${{ x }}", { ...STRINGS, join: "," }, [], []],
    ["an array joined by nothing", "f:${{ x }}", { ...STRINGS, join: "" }, ["a", "b"], ["f:ab"]],
    ["beside a literal `${`", "$${{ x }} ${{ x }}", STRING, "a", ["${{ x }} a"]],
    ["a value that looks like a placeholder", "f:${{ x }}", STRING, "${{ x }}${HOME}", ["f:${{ x }}${HOME}"]],
  ])("%s", async (_what, element, param, value, expected) => {
    expect(
      await argv({ run: ["printf", "<", element, ">"], params: { x: param } }, value === undefined ? {} : { x: value }),
    ).toEqual(["<", ...expected, ">"]);
  });

  it("numbers and booleans of the file are text", async () => {
    expect(await argv({ run: ["printf", 1, 0.5, true] })).toEqual(["1", "0.5", "true"]);
  });

  it("`workspace` and `call_id` are filled in, and cannot be given", async () => {
    const root = folder();
    const words: Words = { run: ["printf", "${{ workspace }}/x", "${{ call_id }}"], params: {} };
    const outcome = await call(words, {}, { folder: root });
    expect(outcome.kind === "planned" && outcome.plan.argv).toEqual(["printf", `${root}/x`, outcome.callId]);
    expect(await argv(words, { workspace: "/" })).toBe("arguments.invalid");
  });

  it("what `null` in a parameter that takes null means is nothing, not the word", async () => {
    expect(
      await argv(
        { run: ["printf", "--m=${{ x }}", "${{ x }}"], params: { x: { type: ["string", "null"] } } },
        { x: null },
      ),
    ).toEqual([]);
  });

  it.each([
    ["inside text", "file:${{ x }}"],
    ["at the end of a group's text", ["-f", "file:${{ x }}"]],
  ])(
    "a parameter that names no type takes no array %s, where its items would run together",
    async (_where, element) => {
      const words: Words = { run: ["printf", element], params: { x: { description: "anything" } } };
      const { catalogue: loaded } = await load(catalogue(words));
      if (!loaded) return expect(loaded).toBeNull();
      const rendered = await argv(words, { x: ["p", "q"] });
      return expect([
        ["arguments.invalid"],
        ['file:["p","q"]'],
        ["-f", 'file:["p","q"]'],
        ["-f", "file:p", "-f", "file:q"],
      ]).toContainEqual([rendered].flat());
    },
  );
});

describe("optional groups", () => {
  it.each([
    ["vanish when absent", ["-ss", "${{ x }}"], STRING, undefined, []],
    ["stay when given", ["-ss", "${{ x }}"], STRING, "1", ["-ss", "1"]],
    ["stay when given empty text", ["-ss", "${{ x }}"], STRING, "", ["-ss", ""]],
    ["are guarded", ["-ss", "${{ x }}"], STRING, "-1", "dash.leading"],
    ["are not guarded behind their own `--`", ["--", "${{ x }}"], STRING, "-1", ["--", "-1"]],
    ["are not guarded in an attached form", ["--a=${{ x }}"], STRING, "-1", ["--a=-1"]],
    ["repeat once for each item", ["-s", "${{ x }}", "!"], STRINGS, ["a", "b"], ["-s", "a", "!", "-s", "b", "!"]],
    ["repeat in text", ["-s", "n=${{ x }}"], STRINGS, ["a", "b"], ["-s", "n=a", "-s", "n=b"]],
    ["vanish over an empty array", ["-s", "${{ x }}"], STRINGS, [], []],
    ["do not repeat over a joined array", ["-s", "${{ x }}"], { ...STRINGS, join: "," }, ["a", "b"], ["-s", "a,b"]],
    ["vanish over an empty joined array, with their option", ["-s", "${{ x }}"], { ...STRINGS, join: "," }, [], []],
    [
      "give an item that is an array one element",
      ["-s", "${{ x }}"],
      { type: "array", items: STRINGS },
      [["a", "b"]],
      ["-s", '["a","b"]'],
    ],
    [
      "give an item that is an empty array one element",
      ["-s", "${{ x }}"],
      { type: "array", items: STRINGS },
      [[]],
      ["-s", "[]"],
    ],
    ["render true and false as words", ["-s", "${{ x }}"], { type: "boolean" }, false, ["-s", "false"]],
  ] as const)("%s", async (_what, group, param, value, expected) => {
    expect(
      await argv({ run: ["printf", "<", group, ">"], params: { x: param } }, value === undefined ? {} : { x: value }),
    ).toEqual(typeof expected === "string" ? expected : ["<", ...expected, ">"]);
  });

  it("vanish when one of two is absent, and never free what follows them by a `--` of their own", async () => {
    const words: Words = {
      run: ["printf", ["--", "${{ x }}", "${{ y }}"], "${{ y }}"],
      params: { x: STRING, y: STRING },
    };
    expect(await argv(words, { x: "1" })).toEqual([]);
    expect(await argv(words, { x: "1", y: "2" })).toEqual(["--", "1", "2", "2"]);
    expect(await argv(words, { y: "-2" })).toBe("dash.leading");
  });

  it("repeat over what they mention, not over what stands in a literal `${{ }}`", async () => {
    const words: Words = { run: ["printf", ["$${{ x }}", "${{ y }}"]], params: { x: STRINGS, y: STRING } };
    expect(await argv(words, { x: ["a", "b"], y: "1" })).toEqual(["${{ x }}", "1"]);
  });

  it("a parameter without a type that is given an array does not leave its place", async () => {
    const words: Words = { run: ["printf", ["-s", "${{ x }}"], "end"], params: { x: { description: "anything" } } };
    const { catalogue: loaded } = await load(catalogue(words));
    if (!loaded) return expect(loaded).toBeNull();
    expect([
      ["-s", '["a","b"]', "end"],
      ["-s", "a", "-s", "b", "end"],
    ]).toContainEqual(await argv(words, { x: ["a", "b"] }));
    return expect([["-s", "[]", "end"], ["end"]]).toContainEqual(await argv(words, { x: [] }));
  });
});

describe("the leading-dash guard", () => {
  it.each([
    ["bare", ["${{ x }}"], false],
    ["bare, behind other text", ["a", "${{ x }}"], false],
    ["behind an option of its own", ["-o", "${{ x }}"], false],
    ["behind `--`", ["--", "${{ x }}"], true],
    ["behind `--end-of-options`", ["--end-of-options", "${{ x }}"], true],
    ["before `--`", ["${{ x }}", "--"], false],
    ["attached by `=`", ["--glob=${{ x }}"], true],
    ["attached by `:`", ["file:${{ x }}"], true],
    ["attached to one letter", ["-o${{ x }}"], true],
    ["at the start of text", ["${{ x }}.txt"], false],
    ["at the start of text, behind `--`", ["--", "${{ x }}.txt"], true],
    ["behind a value that may be empty", ["${{ empty }}${{ x }}"], false],
    ["behind `--` inside of another element", ["a --", "${{ x }}"], false],
  ])("a value with a dash %s", async (_where, elements, isFree) => {
    const words: Words = { run: ["printf", ...elements], params: { x: STRING, empty: STRING } };
    for (const value of ["-", "--", "-x", "--output=/etc/passwd", "-\n"]) {
      const rendered = await argv(words, { x: value, empty: "" });
      if (isFree) expect(rendered).not.toBe("dash.leading");
      else expect(rendered).toBe("dash.leading");
    }
    expect(await argv(words, { x: "x-", empty: "" })).not.toBe("dash.leading");
  });

  it("is lifted by `leading_dash: allow`, for that parameter only", async () => {
    const words: Words = {
      run: ["printf", "${{ x }}", "${{ y }}"],
      params: { x: { ...STRING, leading_dash: "allow" }, y: STRING },
    };
    expect(await argv(words, { x: "-x", y: "y" })).toEqual(["-x", "y"]);
    expect(await argv(words, { x: "-x", y: "-y" })).toBe("dash.leading");
  });

  it("holds for numbers, for defaults, for items and for joined arrays", async () => {
    expect(await argv({ run: ["printf", "${{ x }}"], params: { x: { type: "integer" } } }, { x: -5 })).toBe(
      "dash.leading",
    );
    expect(await argv({ run: ["printf", "${{ x }}"], params: { x: { type: "string", default: "-d" } } })).toBe(
      "dash.leading",
    );
    expect(await argv({ run: ["printf", "${{ x }}"], params: { x: STRINGS } }, { x: ["a", "-b"] })).toBe(
      "dash.leading",
    );
    expect(
      await argv({ run: ["printf", "${{ x }}"], params: { x: { ...STRINGS, join: "," } } }, { x: ["-a", "b"] }),
    ).toBe("dash.leading");
    expect(
      await argv({ run: ["printf", "${{ x }}"], params: { x: { ...STRINGS, join: "-" } } }, { x: ["", "b"] }),
    ).toBe("dash.leading");
  });

  it("does not let a value finish the name of an option that an empty value before it uncovers", async () => {
    const words: Words = { run: ["printf", "${{ a }}--out${{ b }}"], params: { a: STRING, b: STRING } };
    const { catalogue: loaded } = await load(catalogue(words));
    if (loaded) expect(await argv(words, { a: "", b: "put=/etc/passwd" })).toBe("dash.leading");
    else expect(loaded).toBeNull();
  });

  it.each(["-${{ x }}", "--${{ x }}", "--out${{ x }}", "--out-${{ x }}"])(
    "%s does not load: the value could choose the option",
    async (element) => {
      const { problems } = await load(catalogue({ run: ["printf", element], params: { x: STRING } }));
      expect(problems.map((problem) => problem.rule)).toContain("option-name");
    },
  );

  it("does not show a secret in its refusal", async () => {
    const outcome = await call(
      { run: ["printf", "${{ x }}"], params: { x: { ...STRING, secret: true } } },
      { x: "-hunter2-hunter2" },
    );
    expect(outcome).toMatchObject({ kind: "refused", code: "dash.leading" });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });
});

describe("lengths", () => {
  it("one element may hold 131,071 bytes, and one more is refused before anything starts", async () => {
    const words: Words = { run: ["printf", "%s", "${{ x }}"], params: { x: STRING } };
    const longest = "é".repeat((LONGEST - 1) / 2) + "a";
    const engine = await engineOf(catalogue({ ...words, output: { max: "1MiB" } }));
    const outcome = await engine.call({ tool: "t", arguments: { x: longest } });
    expect(printed(outcome)).toBe(longest);
    expect(await argv(words, { x: `${longest}a` })).toBe("arguments.too_large");
  });

  it("a variable's name counts with its value", async () => {
    const words: Words = { run: ["printf", "%s", "ok"], params: { x: STRING }, env: { NAME: "${{ x }}" } };
    expect(printed(await call(words, { x: "a".repeat(LONGEST - 5) }, { dryRun: false }))).toBe("ok");
    expect(await argv(words, { x: "a".repeat(LONGEST - 4) })).toBe("arguments.too_large");
  });
});

function folderOf(callId: string): string {
  return join(process.env["TMPDIR"] ?? "/tmp", `mcpfier-${callId}`);
}

describe("`as: file`", () => {
  const words: Words = {
    run: ["sh", "-c", 'stat -c "%a %F" "$1"; stat -c "%a %F" "$(dirname "$1")"; cat "$1"', "sh", "${{ x }}"],
    params: { x: { ...STRING, as: "file" } },
  };

  it("the value stands in a file of mode 0600 in a folder of mode 0700 while the program runs, and both are gone afterwards", async () => {
    const text = "-- $(x)\n\u0001é😀".repeat(50_000);
    const engine = await engineOf(catalogue({ ...words, output: { max: "8MiB" } }));
    const plan = await engine.call({ tool: "t", arguments: { x: text }, dryRun: true });
    const outcome = await engine.call({ tool: "t", arguments: { x: text } });
    expect(printed(outcome)).toBe(`600 regular file\n700 directory\n${text}`);
    if (plan.kind !== "planned") throw new Error("expected a plan");
    const path = plan.plan.files[0]?.path ?? "";
    expect(plan.plan.argv.at(-1)).toBe(path);
    const ran = path.replace(plan.callId, outcome.callId);
    expect(ran).toContain(outcome.callId);
    expect(existsSync(dirname(ran))).toBe(false);
    // A dry run makes nothing.
    expect(existsSync(dirname(path))).toBe(false);
  });

  it("an array or object is JSON, an absent one no file, and a dash at its start harmless", async () => {
    const json = { run: ["cat", "--", "${{ x }}"], params: { x: { type: "array", as: "file" } } };
    expect(printed(await call(json, { x: ["a", { b: 1 }] }, { dryRun: false }))).toBe('["a",{"b":1}]');
    const outcome = await call({ run: ["printf", "ok", "${{ x }}"], params: { x: { ...STRING, as: "file" } } });
    expect(outcome).toMatchObject({ kind: "planned", plan: { argv: ["printf", "ok"], files: [] } });
    expect(printed(await call(words, { x: "--help" }, { dryRun: false }))).toContain("--help");
  });

  it("the folder is gone after a failure, a refusal to start and a timeout, too", async () => {
    const params = { x: { ...STRING, as: "file" } };
    const failed = await call({ run: ["sh", "-c", "exit 3", "${{ x }}"], params }, { x: "a" }, { dryRun: false });
    expect(failed).toMatchObject({ kind: "failed", exitCode: 3 });
    const timedOut = await call(
      { run: ["sleep", "999", ["${{ x }}"]], params, timeout: "100ms" },
      {},
      { dryRun: false },
    );
    expect(timedOut.kind).toBe("timed_out");
    const slow = await call(
      { run: ["sh", "-c", "sleep 999", "${{ x }}"], params, timeout: "200ms" },
      { x: "a" },
      { dryRun: false },
    );
    expect(slow.kind).toBe("timed_out");
    const root = folder({ bad: "#!/no/such/interpreter\n" });
    const broken = await call(
      { run: ["sh", "-c", "true", "${{ x }}"], params, cwd: "gone" },
      { x: "a" },
      { dryRun: false, folder: root },
    );
    expect(broken).toMatchObject({ kind: "refused", code: "cwd.missing" });
    for (const outcome of [failed, slow, broken]) expect(existsSync(folderOf(outcome.callId))).toBe(false);
  });

  it("a call whose file cannot be written is refused for a reason, not as a defect", async () => {
    const before = process.env["TMPDIR"];
    const engine = await engineOf(catalogue(words));
    process.env["TMPDIR"] = join(folder(), "gone");
    atEnd(() => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    });
    const outcome = await engine.call({ tool: "t", arguments: { x: "a" } });
    expect(outcome.kind).toBe("refused");
    expect(outcome.kind === "refused" && outcome.code).not.toBe("internal.error");
  });

  it("through a shell the variable holds the file's path", async () => {
    const shell = {
      shell: "sh",
      run: 'cat "$arg_x"; stat -c " %a" "$arg_x"',
      params: { x: { ...STRING, as: "file" } },
    };
    expect(printed(await call(shell, { x: "content" }, { dryRun: false }))).toBe("content 600\n");
  });
});

describe("stdin", () => {
  const words: Words = { run: ["cat"], stdin: "<${{ x }}>", params: { x: STRING } };

  it("is the filled-in text, byte for byte, dashes and all", async () => {
    const text = "-x\n$(y)`z`é😀\u0001".repeat(20_000);
    const outcome = await call({ ...words, output: { max: "8MiB" } }, { x: text }, { dryRun: false });
    expect(printed(outcome)).toBe(`<${text}>`);
  });

  it("is closed when what it mentions is absent", async () => {
    expect(printed(await call(words, {}, { dryRun: false }))).toBe("");
    expect(await call(words)).toMatchObject({ kind: "planned", plan: { stdin: null } });
  });

  it("a constant and an empty one are given as they are", async () => {
    expect(printed(await call({ run: ["cat"], stdin: "constant" }, {}, { dryRun: false }))).toBe("constant");
    expect(
      printed(await call({ run: ["cat"], stdin: "${{ x }}", params: { x: STRING } }, { x: "" }, { dryRun: false })),
    ).toBe("");
  });
});

describe("env", () => {
  it("values are filled in, and a variable whose parameter is absent vanishes", async () => {
    const words: Words = {
      run: ["env", "-0"],
      env: { GIVEN: "<${{ x }}>", GONE: "${{ y }}", CONSTANT: "c", NUMBER: 5, EMPTY: "" },
      params: { x: STRING, y: STRING },
    };
    const variables = printed(await call(words, { x: "-a\nb=c$(d)" }, { dryRun: false })).split("\0");
    expect(variables).toContain("GIVEN=<-a\nb=c$(d)>");
    expect(variables).toContain("CONSTANT=c");
    expect(variables).toContain("NUMBER=5");
    expect(variables).toContain("EMPTY=");
    expect(variables.some((each) => each.startsWith("GONE"))).toBe(false);
  });

  it("an array without `join` does not load, alone in a value or not", async () => {
    for (const value of ["${{ x }}", "a${{ x }}"]) {
      const { problems } = await load(catalogue({ run: ["env"], env: { X: value }, params: { x: STRINGS } }));
      expect(problems.map((problem) => problem.rule)).toContain("array-in-text");
    }
  });
});

describe("cwd", () => {
  it("is the workspace, a constant folder below it, or the folder that a path parameter names", async () => {
    const root = folder({ "docs/x": "" });
    mkdirSync(join(root, "other"));
    const pwd = async (more: object, args: object = {}): Promise<string> =>
      printed(await call({ run: ["pwd"], ...more }, args, { dryRun: false, folder: root })).trim();
    expect(await pwd({})).toBe(root);
    expect(await pwd({ cwd: "docs" })).toBe(join(root, "docs"));
    expect(await pwd({ cwd: "${{ workspace }}/docs" })).toBe(join(root, "docs"));
    const params = { d: { type: "path", exists: "dir" } };
    expect(await pwd({ cwd: "${{ d }}", params }, { d: "other" })).toBe(join(root, "other"));
    expect(await pwd({ cwd: "${{ d }}", params })).toBe(root);
    expect(await call({ run: ["pwd"], cwd: "${{ d }}", params }, { d: ".." }, { folder: root })).toMatchObject({
      code: "path.outside",
    });
  });

  it("a parameter that is no path, text around one, or an array of paths does not load", async () => {
    for (const [cwd, d] of [
      ["${{ d }}", STRING],
      ["${{ d }}/x", { type: "path" }],
      ["${{ d }}", { type: "array", items: { type: "path" } }],
    ] as const) {
      const { catalogue: loaded } = await load(catalogue({ run: ["pwd"], cwd, params: { d } }));
      expect(loaded, JSON.stringify(d)).toBeNull();
    }
  });
});

describe("shell scripts", () => {
  it('get arrays as JSON or joined, the positional one as "$@", and no variable for what is absent', async () => {
    const words: Words = {
      shell: "bash",
      run: 'printf "%s|" "$0" "$#" "$@" "$arg_list" "$arg_joined" "$arg_map" "${arg_gone-unset}" "$arg_lines"',
      params: {
        rest: { ...STRINGS, positional: true, default: ["tests"] },
        list: STRINGS,
        joined: { ...STRINGS, join: "+" },
        map: { type: "object" },
        gone: STRING,
        lines: { type: "integer", default: 100 },
      },
    };
    expect(
      printed(
        await call(
          words,
          { rest: ["a b", "*"], list: ["x", "y"], joined: ["1", "2"], map: { k: "v" } },
          { dryRun: false },
        ),
      ),
    ).toBe('t|2|a b|*|["x","y"]|1+2|{"k":"v"}|unset|100|');
    expect(printed(await call(words, {}, { dryRun: false }))).toBe("t|1|tests||||unset|100|");
  });

  it("reads no profile and no inherited `arg_*`", async () => {
    const root = folder({
      "home/.bashrc": "echo bashrc\n",
      "home/.profile": "echo profile\n",
      "home/.bash_profile": "echo bash_profile\n",
    });
    const { host } = await import("../rig.ts");
    const engine = await engineOf(
      catalogue({ shell: "bash", run: 'echo "[$arg_x]"', params: { x: STRING }, env: { inherit: "all" } }),
      {
        folder: root,
        host: {
          ...host,
          env: { ...host.env, HOME: join(root, "home"), arg_x: "inherited", ENV: join(root, "home/.profile") },
        },
      },
    );
    expect(printed(await engine.call({ tool: "t", arguments: {} }))).toBe("[]\n");
  });
});

it("a running call's private file can be read by its owner only while it runs", async () => {
  const root = folder();
  const engine = await engineOf(
    catalogue({
      run: ["sh", "-c", 'echo "$1" > path; while [ ! -e go ]; do sleep 0.02; done', "sh", "${{ x }}"],
      params: { x: { ...STRING, as: "file" } },
    }),
    { folder: root },
  );
  const running = engine.call({ tool: "t", arguments: { x: "s" } });
  const mark = join(root, "path");
  await poll(
    () => existsSync(mark) && readFileSync(mark, "utf8").endsWith("\n"),
    () => "the program did not start",
  );
  const path = readFileSync(mark, "utf8").trim();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toBe("s");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(root, "go"), "");
  expect((await running).kind).toBe("completed");
  expect(existsSync(path)).toBe(false);
});
