import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { eventOf } from "../../src/pipeline/event.ts";
import type { Fill, Form } from "../../src/pipeline/form.ts";
import type { Ask, Question } from "../../src/pipeline/question.ts";
import { engineOf, folder, host } from "../rig.ts";

const YAML = `
commands:
  - name: deploy
    description: Deploys.
    run: [echo, "\${{ tag }}", "to=\${{ target }}", "n=\${{ count }}", "why=\${{ reason }}"]
    params:
      tag: { type: string, required: true }
      token: { type: string, secret: true }
      target: { type: string, enum: [staging, production], required: true }
      count: { type: integer, minimum: 1, maximum: 9, default: 2 }
      reason: { type: string, pattern: "[a-z ]+" }
    ask: [target, count, reason]
    env: { TOKEN: "\${{ token }}" }
    constraints: [{ check: 'target != "production" || count < 5', message: production takes four at most }]
  - name: show
    description: Shows a file, if it may.
    effect: read
    run: [cat, --, "\${{ file }}"]
    params: { file: { type: path, exists: file, required: true } }
    ask: [file]
    confirm: Show \${{ file }}?
  - { name: loose, description: d, run: [echo, x, "\${{ flags }}"], params: { note: { type: string, flag: --note= } }, ask: [note] }
`;

const fill =
  (...answers: readonly (Readonly<Record<string, unknown>> | "declined" | "asked" | "unavailable")[]) =>
  (asked: Form[]): Fill =>
  (form) => {
    const answer = answers[asked.length] ?? "unavailable";
    asked.push(form);
    return Promise.resolve(typeof answer === "string" ? answer : { content: answer, isLast: false });
  };

interface Asked {
  readonly outcome: Outcome;
  readonly asked: readonly Form[];
}

async function call(
  engine: Engine,
  args: object,
  filling?: (asked: Form[]) => Fill,
  more: Partial<Parameters<Engine["call"]>[0]> = {},
): Promise<Asked> {
  const asked: Form[] = [];
  const outcome = await engine.call({ tool: "deploy", arguments: args, fill: filling?.(asked), ...more });
  return { outcome, asked };
}

const codeOf = (outcome: Outcome): string => (outcome.kind === "refused" ? outcome.code : outcome.kind);
const textOf = (outcome: Outcome): string =>
  outcome.kind === "refused" ? outcome.problems.join("\n") : outcome.kind === "completed" ? outcome.shown.text : "";

describe("what the caller left out", () => {
  test("is asked for beside the ends of what it gave, however long that is", async () => {
    const engine = await engineOf(YAML);
    const tag = `v${"\u200B".repeat(500_000)}${"1".repeat(400)}`;
    const { asked } = await call(engine, { tag }, fill("declined"));
    expect(asked[0]?.text).toMatch(
      / {4}tag: "v(?:\\u\{200b\}){80,90}.* \[\.\.\. \d+ characters left out \.\.\.\] 1{299}"$/,
    );
    expect(Number(/(\d+) characters/.exec(asked[0]?.text ?? "")?.[1])).toBeGreaterThan(498_000);
  });

  test("is asked of the user, and runs as if the caller had given it", async () => {
    const engine = await engineOf(YAML);
    const { outcome, asked } = await call(
      engine,
      { tag: "v1", token: "hush-hush", reason: null },
      fill({ target: "staging", count: 3, reason: "" }),
    );
    expect(textOf(outcome)).toBe("v1 to=staging n=3\n");
    expect(asked[0]?.fields.map(({ name, required, preset }) => [name, required, preset])).toEqual([
      ["target", true, null],
      ["count", false, 2],
      ["reason", false, null],
    ]);
    expect(asked[0]?.text).toBe(
      "deploy asks you for: target, count, reason\n\nIt is called with:\n\n    tag: v1\n    token: [redacted]".replace(
        "with:\n\n",
        "with:\n",
      ),
    );
  });

  test("is not asked for where it was given, and only that is taken which was asked for", async () => {
    const engine = await engineOf(YAML);
    const given = { tag: "v1", target: "staging", reason: "why" };
    const { outcome, asked } = await call(engine, given, fill({ count: 1, tag: "evil", target: "production" }));
    expect(asked[0]?.fields.map(({ name }) => name)).toEqual(["count"]);
    expect(textOf(outcome)).toBe("v1 to=staging n=1 why=why\n");
    const all = await call(engine, { ...given, count: 4 }, fill());
    expect([all.asked.length, textOf(all.outcome)]).toEqual([0, "v1 to=staging n=4 why=why\n"]);
  });

  test("is asked for once more with what was wrong, and then refused", async () => {
    const engine = await engineOf(YAML);
    const wrong = { target: "production", count: 7, reason: "ok" };
    const mended = await call(engine, { tag: "v1" }, fill(wrong, { target: "production", count: 4 }));
    expect(textOf(mended.outcome)).toBe("v1 to=production n=4\n");
    expect(mended.asked[1]?.text).toMatch(/^That did not fit:\n {4}production takes four at most\n\ndeploy asks/);
    expect([mended.asked[0]?.isAgain, mended.asked[1]?.isAgain]).toEqual([false, true]);
    const again = await call(engine, { tag: "v1" }, fill({ count: 70 }, { target: "moon", reason: "NO" }, wrong));
    expect(again.asked).toHaveLength(2);
    expect(codeOf(again.outcome)).toBe("arguments.invalid");
    expect(textOf(again.outcome)).toMatch(/target: must be one of .*\n.*reason: must match/);
  });

  test("shows what a value holds, and no more lines than values", async () => {
    const engine = await engineOf(YAML);
    const { asked } = await call(engine, { tag: "v1\n    count: 9\u202E\u001B[2J" }, fill("declined"));
    expect(asked[0]?.text.split("\n").slice(3)).toEqual([String.raw`    tag: "v1\u{a}    count: 9\u{202e}\u{1b}[2J"`]);
    const long = await call(engine, { tag: "x".repeat(5000) }, fill("declined"));
    expect(long.asked[0]?.text.length).toBeLessThan(1300);
  });
});

describe("nothing runs", () => {
  test.each([
    ["declined", "ask.declined"],
    ["asked", "ask.asked"],
    ["unavailable", "ask.unavailable"],
  ] as const)("when the answer is %s (%s)", async (answer, code) => {
    const engine = await engineOf(YAML);
    const { outcome } = await call(engine, { tag: "v1" }, fill(answer));
    expect(codeOf(outcome)).toBe(code);
    const origin = { command: engine.find("deploy"), caller: "local", secrets: [] };
    expect(eventOf(outcome, origin)?.reason).toBe(code === "ask.asked" ? undefined : code);
  });

  test("when nobody can be asked, and the refusal says what to give", async () => {
    const engine = await engineOf(YAML);
    const { outcome } = await call(engine, { tag: "v1", reason: "why" });
    expect(codeOf(outcome)).toBe("ask.unavailable");
    expect(textOf(outcome)).toContain('asks its user for "target", "count"');
    expect(textOf(outcome)).toContain("on the command line by `--target`, `--count`");
    const open = await call(engine, { tag: "v1", target: "staging", count: null, reason: null });
    expect(textOf(open.outcome)).toBe("v1 to=staging n=2\n");
    const required = await call(engine, { tag: "v1", target: null, count: null, reason: null });
    expect(codeOf(required.outcome)).toBe("arguments.invalid");
    const loose = await call(engine, {}, undefined, { tool: "loose" });
    expect(codeOf(loose.outcome)).toBe("ask.unavailable");
  });

  test("when nobody answers in time", async () => {
    const engine = await engineOf(YAML, { confirmMs: 50 });
    const outcome = await engine.call({ tool: "deploy", arguments: { tag: "v1" }, fill: () => new Promise(() => 0) });
    expect(codeOf(outcome)).toBe("ask.late");
  });

  test("and nobody is asked, where the call could not run whatever they answer", async () => {
    const engine = await engineOf(YAML);
    for (const [tool, args, code] of [
      ["deploy", {}, "arguments.invalid"],
      ["deploy", { tag: 1 }, "arguments.invalid"],
      ["deploy", { tag: "a\0" }, "arguments.invalid"],
      ["deploy", [], "arguments.invalid"],
    ] as const) {
      const { outcome, asked } = await call(engine, args, fill({ target: "staging" }), { tool });
      expect([codeOf(outcome), asked.length]).toEqual([code, 0]);
    }
  });

  test("of a call that is cancelled while its user is asked", async () => {
    const engine = await engineOf(YAML);
    const abort = new AbortController();
    const outcome = await engine.call({
      tool: "deploy",
      arguments: { tag: "v1" },
      signal: abort.signal,
      fill: () => {
        abort.abort();
        return new Promise(() => 0);
      },
    });
    expect(codeOf(outcome)).toBe("cancelled");
  });

  test("of answers that are longer than may be carried", async () => {
    const engine = await engineOf(YAML);
    const long = { target: "staging", reason: "a".repeat(200_000) };
    const { outcome, asked } = await call(engine, { tag: "v1" }, fill(long, long));
    expect([codeOf(outcome), asked.length]).toEqual(["arguments.too_large", 2]);
  });
});

test("a dry run asks nobody: it tells what would be asked for, or what is to be given for a plan", async () => {
  const engine = await engineOf(YAML);
  const { outcome } = await call(engine, { tag: "v1", target: "staging" }, fill(), { dryRun: true });
  expect(outcome).toMatchObject({ kind: "planned", ask: ["count", "reason"] });
  const { outcome: refused, asked } = await call(engine, { tag: "v1" }, fill({ target: "staging" }), { dryRun: true });
  expect([codeOf(refused), asked.length]).toEqual(["ask.unavailable", 0]);
  expect(textOf(refused)).toContain('asks its user for "target", and a dry run asks nobody');
});

test("what is confirmed afterwards is what was entered", async () => {
  const path = folder({ one: "the first\n", two: "the second\n" });
  const engine = await engineOf(YAML, { folder: path, host });
  const questions: Question[] = [];
  const confirm: Ask = (question) => {
    questions.push(question);
    return Promise.resolve("accepted");
  };
  const show = { tool: "show", confirm };
  expect(textOf((await call(engine, {}, fill({ file: "two" }), show)).outcome)).toBe("the second\n");
  const outside = await call(engine, {}, fill({ file: "/etc/passwd" }, { file: "one" }), show);
  expect(outside.asked[1]?.text).toMatch(/^That did not fit:\n {4}file: "\/etc\/passwd" leads to/);
  expect(textOf(outside.outcome)).toBe("the first\n");
  expect(questions.map(({ text }) => text.split("\n")[0])).toEqual([`Show ${path}/two?`, `Show ${path}/one?`]);
  expect(questions[0]?.hash).not.toBe(questions[1]?.hash);
});

test("the model sees that it may leave these out, and no default that would be filled in for the user", async () => {
  const { offeredSchema } = await import("../../src/command/offered.ts");
  const deploy = (await engineOf(YAML)).find("deploy");
  const schema = deploy && offeredSchema(deploy);
  expect(schema?.["required"]).toEqual(["tag"]);
  expect(schema?.["properties"]).toMatchObject({
    tag: { type: "string" },
    count: { minimum: 1, maximum: 9, description: "When this is not given, the user is asked for it." },
  });
  expect(JSON.stringify(schema)).not.toContain("default");
});
