import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toResult } from "../../src/mcp/translate.ts";
import { shownPlanned } from "../../src/pipeline/planned.ts";
import { engineOf, folder, load, poll } from "../rig.ts";

const say = (name: string, more = ""): string =>
  `  - { name: ${name}, description: d, shell: sh, run: 'echo ${name} >> log; echo "I am ${name}"'${more} }\n`;

const YAML = `
concurrency: 1
commands:
${say("top", ", needs: [left, right]")}${say("left", ", needs: [bottom]")}${say("right", ", needs: [bottom, side]")}
${say("bottom")}${say("side")}
${say("after_fail", ", needs: [bottom, fail, side]")}${say("deeper", ", needs: [after_fail]")}
  - { name: fail, description: d, shell: sh, run: 'echo fail >> log; echo no good >&2; exit 3' }
${say("after_again", ", needs: [again]")}
  - { name: again, description: d, effect: read, shell: sh, run: 'echo again >> log; exit 3', retry: { attempts: 2, delay: 0s } }
${say("after_slow", ", needs: [slow]")}
  - { name: slow, description: d, shell: sh, run: 'echo slow >> log; exec sleep 100', timeout: 100ms }
${say("after_missing", ", needs: [missing]")}
  - { name: missing, description: d, run: [no-such-program-here] }
${say("after_hold", ", needs: [hold, side]")}
  - { name: hold, description: d, shell: sh, run: 'echo hold >> log; until [ -e go ]; do sleep 0.01; done' }
${say("after_kept", ", needs: [kept]")}
${say("kept", ", effect: read, cache: { ttl: 1h }, needs: [bottom]")}
`;

async function stage() {
  const path = folder({ log: "" });
  const engine = await engineOf(YAML, { folder: path });
  const ran = (): readonly string[] => readFileSync(join(path, "log"), "utf8").split("\n").filter(Boolean);
  return { engine, path, ran };
}

describe("needs", () => {
  test("run before the command, in order, each once in a diamond, though one call runs at a time", async () => {
    const { engine, ran } = await stage();
    const stdout: string[] = [];
    const stderr: string[] = [];
    const outcome = await engine.call({
      tool: "top",
      arguments: {},
      stdout: (chunk) => void stdout.push(String(chunk)),
      stderr: (chunk) => void stderr.push(String(chunk)),
    });
    expect(outcome).toMatchObject({ kind: "completed", tool: "top", shown: { text: "I am top\n" } });
    expect(ran()).toEqual(["bottom", "left", "side", "right", "top"]);
    expect(stdout.join("")).toBe("I am top\n");
    expect(stderr.join("")).toBe("I am bottom\nI am left\nI am side\nI am right\n");
  });

  test("run again for the next call", async () => {
    const { engine, ran } = await stage();
    await engine.call({ tool: "left", arguments: {} });
    await engine.call({ tool: "left", arguments: {} });
    expect(ran()).toEqual(["bottom", "left", "bottom", "left"]);
  });

  test("that fail are the outcome, with the tool's own name and the reason first", async () => {
    const { engine, ran } = await stage();
    const stderr: string[] = [];
    const outcome = await engine.call({
      tool: "after_fail",
      arguments: {},
      stderr: (chunk) => void stderr.push(String(chunk)),
    });
    expect(outcome).toMatchObject({ kind: "failed", tool: "after_fail", exitCode: 3 });
    expect(toResult(outcome, engine.find("after_fail"))).toMatchObject({
      isError: true,
      content: [
        {
          text: '"fail", which this tool needs, failed, so it did not run:\n\nfailed: exit code 3\n\nstderr:\nno good',
        },
      ],
    });
    expect(ran()).toEqual(["bottom", "fail"]);
    expect(stderr.at(-1)).toBe('mcpfier: "fail", which "after_fail" needs, failed, so it did not run\n');
  });

  test("that need what fails tell the whole way", async () => {
    const { engine, ran } = await stage();
    const outcome = await engine.call({ tool: "deeper", arguments: {} });
    expect(outcome).toMatchObject({ kind: "failed", tool: "deeper" });
    const text = outcome.kind === "failed" ? outcome.shown.text : "";
    expect(text.indexOf('"after_fail", which this tool needs, failed')).toBe(0);
    expect(text).toContain('"fail", which this tool needs, failed');
    expect(ran()).toEqual(["bottom", "fail"]);
  });

  test.each([
    ["after_slow", { kind: "timed_out" }, ["slow"]],
    ["after_again", { kind: "failed", attempt: 2 }, ["again", "again"]],
    ["after_missing", { kind: "refused", code: "program.missing" }, []],
  ])("of %s end it as %j", async (tool, outcome, log) => {
    const { engine, ran } = await stage();
    const ended = await engine.call({ tool, arguments: {} });
    expect(ended).toMatchObject({ ...outcome, tool });
    const told = ended.kind === "refused" ? ended.problems.join("\n") : "shown" in ended ? ended.shown.text : "";
    expect(told).toMatch(/^"\w+", which this tool needs, .*so it did not run:\n/);
    expect(ran()).toEqual(log);
  });

  test("are cancelled with the call", async () => {
    const { engine, ran } = await stage();
    const abort = new AbortController();
    const call = engine.call({ tool: "after_hold", arguments: {}, signal: abort.signal });
    await poll(
      () => ran().includes("hold"),
      () => "hold did not start",
    );
    abort.abort();
    expect(await call).toMatchObject({ kind: "cancelled", tool: "after_hold" });
    expect(ran()).toEqual(["hold"]);
  });

  test("are those of the catalogue with which the call began", async () => {
    const { engine, path, ran } = await stage();
    const call = engine.call({ tool: "after_hold", arguments: {} });
    await poll(
      () => ran().includes("hold"),
      () => "hold did not start",
    );
    const { catalogue } = await load(
      say("side").replace("echo side >> log", "echo other >> log").replace(/^/, "commands:\n"),
      {
        folder: path,
      },
    );
    if (catalogue) engine.replace(catalogue);
    writeFileSync(join(path, "go"), "");
    expect((await call).kind).toBe("completed");
    await engine.call({ tool: "side", arguments: {} });
    expect(ran()).toEqual(["hold", "side", "after_hold", "other"]);
  });

  test("whose result is kept do not run, nor what they need", async () => {
    const { engine, ran } = await stage();
    await engine.call({ tool: "after_kept", arguments: {} });
    await engine.call({ tool: "after_kept", arguments: {} });
    expect(ran()).toEqual(["bottom", "kept", "after_kept", "after_kept"]);
  });

  test("are named by a dry run, which starts none", async () => {
    const { engine, path, ran } = await stage();
    const outcome = await engine.call({ tool: "top", arguments: {}, dryRun: true });
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    expect(shownPlanned(outcome)).toMatchObject({ needs: ["bottom", "left", "side", "right"], tool: "top" });
    expect(ran()).toEqual([]);
    const alone = await engine.call({ tool: "side", arguments: {}, dryRun: true });
    expect(alone.kind === "planned" && shownPlanned(alone)).not.toHaveProperty("needs");
    expect(existsSync(join(path, "go"))).toBe(false);
  });
});
