import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CallRequest } from "../../src/request.ts";
import { callFacts } from "../../src/pipeline/facts.ts";
import { engineOf, folder, load, poll } from "../rig.ts";

const yamlOf = (text: string): string => `
commands:
  - name: look
    description: d
    effect: read
    shell: sh
    run: 'echo look >> log; echo "${text} $(grep -c look log) $arg_where $arg_how"; exit "$arg_exit"'
    cache: { ttl: 1h }
    ok_exit_codes: [0, 1]
    params:
      where: { type: object }
      how: { type: string, default: fast }
      exit: { type: integer, default: 0 }
  - { name: blink, description: d, effect: read, shell: sh, run: 'echo blink >> log', cache: { ttl: 1ms } }
  - { name: wrong, description: d, effect: read, shell: sh, run: 'echo wrong >> log', cache: { ttl: 1h }, output: { format: json } }
  - name: both
    description: Runs until there are two of it.
    effect: read
    shell: sh
    run: 'echo both >> log; until [ $(grep -c both log) -ge 2 ]; do sleep 0.01; done'
    cache: { ttl: 1h }
`;

async function stage() {
  const path = folder({ log: "" });
  const engine = await engineOf(yamlOf("saw"), { folder: path });
  const look = (args: Readonly<Record<string, unknown>> = {}, more: Partial<CallRequest> = {}) =>
    engine.call({ tool: "look", arguments: args, ...more });
  const times = (): number => readFileSync(join(path, "log"), "utf8").split("\n").length - 1;
  return { engine, path, look, times };
}

describe("a cached result", () => {
  test("is given again to a call of its own id, which watches nothing", async () => {
    const { look, times } = await stage();
    const watched: string[] = [];
    const first = await look({}, { stdout: (chunk) => void watched.push(String(chunk)) });
    expect(watched).toEqual(["saw 1  fast\n"]);
    const second = await look({}, { stdout: (chunk) => void watched.push(String(chunk)) });
    expect(watched).toHaveLength(1);
    expect(times()).toBe(1);
    expect(second).toMatchObject({ kind: "completed", cached: true, shown: { text: "saw 1  fast\n" } });
    expect(second.callId).not.toBe(first.callId);
    expect(callFacts(first)).toMatchObject({ cached: false });
    expect(callFacts(second)).toMatchObject({ cached: true, id: second.callId });
  });

  test("is not one that says of itself that it is an error", async () => {
    const path = folder({ log: "" });
    const engine = await engineOf(
      `commands: [{ name: say, description: d, effect: read, shell: sh, run: 'echo x >> log; echo "{\\"isError\\":true,\\"content\\":[]}"', cache: { ttl: 1h }, output: { format: mcp } }]`,
      { folder: path },
    );
    const say = () => engine.call({ tool: "say", arguments: {} });
    for (let time = 1; time <= 2; time++)
      expect(await say()).toMatchObject({ cached: false, shown: { isError: true } });
  });

  test("is not given to a call that wants a fresh one", async () => {
    const { look } = await stage();
    await look();
    expect(await look({}, { fresh: true })).toMatchObject({ cached: false, shown: { text: "saw 2  fast\n" } });
  });

  test("is not one whose left out part can no longer be read", async () => {
    const records = folder();
    const engine = await engineOf(
      `commands: [{ name: count, description: d, effect: read, run: [seq, "2000"], cache: { ttl: 1h }, output: { max: 1KiB } }]`,
      { records },
    );
    const count = () => engine.call({ tool: "count", arguments: {} });
    expect(await count()).toMatchObject({ cached: false, shown: { cut: ["stdout"] } });
    expect(await count()).toMatchObject({ cached: true });
    for (const name of readdirSync(records)) rmSync(join(records, name), { recursive: true });
    expect(await count()).toMatchObject({ cached: false });
  });

  test("of much structure takes the room that it needs", async () => {
    const engine = await engineOf(
      `commands: [{ name: many, description: d, effect: read, shell: sh, run: 'printf "%0180d\\n" 0; yes b | head -n 100000', cache: { ttl: 1h }, output: { format: csv, max: 32MiB } }]`,
    );
    const many = () => engine.call({ tool: "many", arguments: {} });
    for (let time = 1; time <= 2; time++) expect(await many()).toMatchObject({ cached: false });
  });

  test("is one for equal arguments, in whatever order, and with a default that is written out", async () => {
    const { look, times } = await stage();
    await look({ where: { a: 1, b: { c: 2, d: [1, 2] } }, how: "fast" });
    expect(await look({ where: { b: { d: [1, 2], c: 2 }, a: 1 } })).toMatchObject({ cached: true });
    expect(times()).toBe(1);
  });

  test.each<[string, Readonly<Record<string, unknown>>, Partial<CallRequest>]>([
    ["other arguments", { where: { a: 2 } }, {}],
    ["arguments of another type", { where: { a: "1" } }, {}],
    ["a list in another order", { where: { a: 1, b: [2, 1] } }, {}],
    ["another caller", { where: { a: 1, b: [1, 2] } }, { caller: "somebody else" }],
  ])("is not for %s", async (_, args, more) => {
    const { look, times } = await stage();
    await look({ where: { a: 1, b: [1, 2] } });
    expect(await look(args, more)).toMatchObject({ kind: "completed", cached: false });
    expect(times()).toBe(2);
  });

  test("is not for another definition, and for the same one that was loaded again", async () => {
    const { engine, path, look, times } = await stage();
    await look();
    const same = await load(yamlOf("saw"), { folder: path });
    if (same.catalogue) engine.replace(same.catalogue);
    expect(await look()).toMatchObject({ cached: true });
    const other = await load(yamlOf("found"), { folder: path });
    if (other.catalogue) engine.replace(other.catalogue);
    expect(await look()).toMatchObject({ cached: false, shown: { text: "found 2  fast\n" } });
    expect(times()).toBe(2);
  });

  test("is not for what failed, nor for what is not what it should be", async () => {
    const { engine, look, times } = await stage();
    await look({ exit: 3 });
    expect(await look({ exit: 3 })).toMatchObject({ kind: "failed", cached: false });
    await engine.call({ tool: "wrong", arguments: {} });
    await engine.call({ tool: "wrong", arguments: {} });
    expect(times()).toBe(4);
    await look({ exit: 1 });
    expect(await look({ exit: 1 })).toMatchObject({ kind: "completed", exitCode: 1, cached: true });
  });

  test("is over after its time", async () => {
    const { engine, times } = await stage();
    await engine.call({ tool: "blink", arguments: {} });
    const over = performance.now() + 1;
    await poll(
      () => performance.now() > over,
      () => "the clock stands still",
    );
    expect(await engine.call({ tool: "blink", arguments: {} })).toMatchObject({ cached: false });
    expect(times()).toBe(2);
  });

  test("is neither read nor written by a dry run", async () => {
    const { look, times } = await stage();
    expect((await look({}, { dryRun: true })).kind).toBe("planned");
    expect(await look()).toMatchObject({ cached: false });
    expect((await look({}, { dryRun: true })).kind).toBe("planned");
    expect(times()).toBe(1);
  });

  test("is not waited for by an equal call that comes meanwhile", async () => {
    const { engine, times } = await stage();
    const both = await Promise.all([1, 2].map(() => engine.call({ tool: "both", arguments: {} })));
    expect(both).toMatchObject([{ cached: false }, { cached: false }]);
    expect(times()).toBe(2);
  });
});
