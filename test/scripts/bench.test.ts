import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { measureAlone } from "../../scripts/bench/alone.ts";
import { parse } from "../../scripts/bench/arguments.ts";
import { bars, curves, ticksTo } from "../../scripts/bench/chart.ts";
import { isWorse, settle } from "../../scripts/bench/compare.ts";
import { containers, endEngine } from "../../scripts/bench/containers.ts";
import { sweep } from "../../scripts/bench/leftovers.ts";
import { between, table, tableOfPeers } from "../../scripts/bench/report.ts";
import { readRecord } from "../../scripts/bench/record.ts";
import { type Figure, isMissed } from "../../scripts/bench/row.ts";
import { rows } from "../../scripts/bench/rows.ts";
import * as sessions from "../../scripts/bench/session.ts";
import { figure, quantile, ratio, slope, split } from "../../scripts/bench/statistics.ts";
import { targets, written } from "../../scripts/bench/text.ts";
import { collect, folder } from "../rig.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };
const size = fc.double({ min: 0, max: 1e9, noNaN: true });
const above = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const text = fc.string({ unit: "grapheme", maxLength: 20 });

/** Elements that are closed in order, attributes without `<`, ampersands that begin an entity. */
function expectXml(svg: string): void {
  expect(svg).not.toMatch(/NaN|Infinity|undefined|&(?!amp;|lt;|quot;)/);
  const open: string[] = [];
  const rest = svg
    .replace(/<style>[^<]*<\/style>/, "")
    .replaceAll(/<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<]*")*)(\/?)>/g, (_, close, name, __, empty) => {
      if (close === "/") expect(open.pop()).toBe(name);
      else if (empty === "") open.push(String(name));
      return "";
    });
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/</);
}

describe("the benchmark's numbers", () => {
  it("tell a ratio pair by pair, with quartiles around its median", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(above, above), { minLength: 1, maxLength: 30 }), (pairs) => {
        const found = ratio(
          pairs.map(([ours]) => ours),
          pairs.map(([, floor]) => floor),
          "ms",
        );
        expect(found.low).toBeLessThanOrEqual(found.median);
        expect(found.median).toBeLessThanOrEqual(found.high);
        const exact = quantile(
          pairs.map(([ours, floor]) => ours / floor),
          0.5,
        );
        expect(found.median).toBeCloseTo(exact, -Math.log10(exact) + 2);
      }),
    );
  });

  it("tell the slope of a line whatever its noise is around", () => {
    expect(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBe(2);
    expect(
      slope([
        [0, 1],
        [1, 2],
        [2, 1],
      ]),
    ).toBe(0);
    expect(
      slope([
        [3, 1],
        [3, 9],
      ]),
    ).toBe(0);
  });

  it("are split into parts of one length", () => {
    expect(split([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(split([1], 3)).toEqual([[1]]);
  });

  it("refuse what is no number", () => {
    expect(() => ratio([1], [], "ms")).toThrow("expected numbers, got [NaN]");
    expect(() => figure([], "ms")).toThrow("expected numbers");
  });

  it("are written with their spread, both sides and a missed target", () => {
    const found = ratio([30, 40, 50], [10, 10, 10], "ms", { name: "p50", target: { atMost: 3 } });
    expect(written(found)).toBe("p50 4.00 × (3.00 to 5.00; 40.0 against 10.0 ms): **missed**");
    expect(targets([found])).toBe("p50 ≤ 3 ×");
    expect(isMissed({ ...found, target: { atLeast: 3 } })).toBe(false);
  });

  it("are whole where they count something, and one is no plural", () => {
    const found = figure([1], "packages", { target: { atMost: 12 } });
    expect([written(found), targets([found])]).toEqual(["1 package", "≤ 12 packages"]);
    expect(written(figure([53, 54, 54], "files"))).toBe("54 files (53 to 54)");
    expect(targets([figure([0], "answers", { target: { atMost: 1 } })])).toBe("≤ 1 answer");
  });
});

describe("the comparison with what is recorded", () => {
  const at = (median: number, more: Partial<Figure> = {}): Figure => ({
    ...figure([median], "×"),
    steady: true,
    ...more,
  });

  it("takes a quarter more for noise, and what is worse than that for worse", () => {
    expect(isWorse(at(2), at(2.49))).toBe(false);
    expect(isWorse(at(2), at(2.51))).toBe(true);
    const gain = { target: { atLeast: 0.9 } };
    expect(isWorse(at(1, gain), at(0.81, gain))).toBe(false);
    expect(isWorse(at(1, gain), at(0.79, gain))).toBe(true);
    expect(isWorse(at(1, gain), at(2, gain))).toBe(false);
  });

  it.each([
    { told: [4, 2], tries: 2, median: 2 },
    { told: [4, 3, 5, 6, 7], tries: 5, median: 3 },
    { told: [1], tries: 1, median: 1 },
  ])("measures $told again while it looks worse than 2, and the best counts", async ({ told, tries, median }) => {
    const left = [...told];
    const found = await settle([at(2)], () => Promise.resolve([at(left.shift() ?? 0)]));
    expect(found.tries).toBe(tries);
    expect(found.last.map(({ is }) => is.median)).toEqual([median]);
  });
});

describe("the benchmark's command line", () => {
  it.each([
    [["--nothing"], "expected one of --write, "],
    [["--minutes"], "--minutes takes a number above 0: put it behind"],
    [["--minutes", "--write"], "--minutes takes a number above 0: put it behind"],
    [["--minutes", "-1"], "--minutes takes a number above 0, and not '-1'"],
    [["--minutes", "Infinity"], "--minutes takes a number above 0, and not 'Infinity'"],
    [["--profile="], "--profile takes a folder: put it behind"],
    [["--write=yes"], "--write takes no value, and not 'yes'"],
    [["--quick", "--write"], "--quick measures a few rounds only"],
    [["--profile", "here"], "--profile needs the name of a row"],
    [[""], "no row's name has '' in it: --list names them"],
    [["start", " "], "no row's name has ' ' in it: --list names them"],
    [["start", "absent"], "no row's name has 'absent' in it: --list names them"],
  ])("answers %j with what was expected, in one line", (words, expected) => {
    const answer = parse(words, rows);
    expect(answer).toEqual(expect.stringContaining(expected));
    expect(answer).not.toContain("\n");
  });

  it("runs all rows that are named, in their own order, and an exact name alone", () => {
    expect(parse(["protocol", "start"], rows)).toMatchObject({ chosen: [{ id: "start" }, { id: "protocol" }] });
  });

  it("leaves the long rows out but where all is recorded, and has them last then", () => {
    const ids = (words: readonly string[]): readonly string[] => {
      const asked = parse(words, rows);
      return typeof asked === "string" ? [] : asked.chosen.map(({ id }) => id);
    };
    expect(ids([])).not.toContain("soak");
    expect(ids(["--write"]).at(-1)).toBe("soak");
  });
});

describe("a run of the benchmark", () => {
  it("that is interrupted while a row waits for a program ends as interrupted, whatever the row makes of it", async () => {
    const lines = `
      import { execFileSync, spawn } from "node:child_process";
      import { begin } from "./scripts/bench/lives.ts";
      import { entryOf } from "./scripts/bench/record.ts";
      begin(${JSON.stringify(folder())}, () => console.log("tidied"));
      await entryOf(async () => {
        // A row goes on where the event loop hears of something: the look for signals of that turn is over then.
        const { stdout } = spawn("sh", ["-c", "echo; exec sleep 60"]);
        await new Promise((resolve) => stdout.once("data", resolve));
        try {
          execFileSync("sh", ["-c", "kill -INT 0"]);
        } catch {}
        return { figures: [] };
      });
      console.log("recorded");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", lines], { detached: true });
    onTestFinished(() => void child.kill("SIGKILL"));
    const printed = collect(child, "stdout");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(printed()).toBe("tidied\n");
  });

  it("says why a row could not be measured by a process of its own", async () => {
    const absent = { id: "absent", what: "none", floor: "none", measure: () => Promise.reject(new Error("not asked")) };
    await expect(measureAlone(absent, { quick: true, minutes: 1 })).rejects.toThrow("there is no row absent");
  });

  it.each([
    ["SIGTERM", [143, null]],
    ["SIGKILL", [null, "SIGKILL"]],
  ] as const)("that is ended by %s takes the row that it measures along, which tidies up", async (signal, end) => {
    const room = folder();
    const lines = `
      import { endTogether, measureAlone } from "./scripts/bench/alone.ts";
      endTogether();
      await measureAlone({ id: "soak" }, { quick: false, minutes: 5 }).finally(() => console.log("went on"));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", lines], {
      env: { ...process.env, TMPDIR: room },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const printed = collect(child, "stdout");
    const ended = once(child, "close");
    await vi.waitFor(() => expect(globSync("*/soak.yaml", { cwd: room })).toHaveLength(1), PATIENCE);
    child.kill(signal);
    expect(await ended).toEqual(end);
    await vi.waitFor(() => expect(readdirSync(room)).toEqual([]), PATIENCE);
    expect(printed()).toBe("");
  });

  it("has no result of a container where there is no engine, but the reason in one line", async () => {
    const bin = folder();
    for (const name of ["cksum", "cut", "dirname", "id"])
      symlinkSync(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(bin, name));
    vi.stubEnv("PATH", bin);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      endEngine();
    });
    await expect(containers[0]?.measure({ quick: false, minutes: 1 })).rejects.toThrow(
      /^an engine of its own needs .*: .*start Docker and set DOCKER_HOST\.$/,
    );
  });

  it("hears of a server that ended before it was asked", async () => {
    const session = sessions.open({ args: ["-e", "process.exit(3)"] });
    await once(session.child, "close");
    await expect(session.hello).rejects.toThrow("the server ended: code 3");
    await expect(sessions.callTool(session, "nothing")).rejects.toThrow("the server ended: code 3");
  });

  it("removes what those that were killed left, and nothing else", () => {
    const names = [`a-${process.pid}-x`, "a-x", `b-${spawnSync("true").pid}-x`];
    const left = folder();
    for (const name of [...names, `a-${spawnSync("true").pid}-x`])
      mkdirSync(join(left, name, "inside"), { recursive: true });
    sweep(left, /^a-(\d+)-/);
    expect(readdirSync(left).toSorted()).toEqual(names.toSorted());
    sweep(join(left, "absent"), /^a-(\d+)-/);
  });

  it("that cannot write a whole file leaves the one that was there", () => {
    const place = folder();
    const file = join(place, "record.json");
    writeFileSync(file, "{}");
    const lines = `import { writeWhole } from "./scripts/bench/record.ts";
      writeWhole(${JSON.stringify(file)}, "x".repeat(100_000));`;
    const words = ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath, "--input-type=module", "-e", lines];
    const { status, stderr } = spawnSync("sh", words, { encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("EFBIG");
    expect(readdirSync(place)).toEqual(["record.json"]);
    expect(readFileSync(file, "utf8")).toBe("{}");
  });
});

describe("the charts", () => {
  it("are XML without a hole in it, whatever they show", () => {
    const bar = fc.record({ label: text, value: size, spread: fc.tuple(size, size), target: above, own: fc.boolean() });
    const panel = fc.record({ title: text, unit: text, bars: fc.array(bar, { minLength: 1, maxLength: 4 }) });
    const curve = fc.record({ label: text, points: fc.array(fc.tuple(above, size), { minLength: 1, maxLength: 5 }) });
    fc.assert(
      fc.property(
        text,
        fc.array(panel, { maxLength: 3 }),
        fc.array(curve, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (title, panels, shown, decades) => {
          expectXml(bars(title, panels));
          expectXml(curves(title, { x: title, y: title, decades }, shown));
        },
      ),
    );
  });

  it("have an axis of a few round numbers that reaches as far as the largest", () => {
    fc.assert(
      fc.property(above, (most) => {
        const ticks = ticksTo(most);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * (1 - 1e-6));
      }),
    );
  });
});

describe("docs/performance.md", () => {
  it("shows what docs/performance.json holds", () => {
    const shown = readFileSync("docs/performance.md", "utf8");
    expect(between(shown, "measured", table(readRecord()).join("\n"))).toBe(shown);
    expect(between(shown, "peers", tableOfPeers(readRecord()).join("\n"))).toBe(shown);
  });

  it("has a row for each id, once", () => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(readRecord()).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
