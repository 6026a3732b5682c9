// The official conformance suites judge both doors, by a catalogue of documented features alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { served } from "../http/served.ts";
import { atEnd, collect, folder } from "../rig.ts";
import { createBridge } from "./bridge.ts";

const FORMER = fileURLToPath(import.meta.resolve("conformance-0.1/dist/index.js"));
const LATEST = fileURLToPath(import.meta.resolve("conformance-0.2/dist/index.js"));

const SUITES = {
  "0.1.16": [FORMER, "--suite", "all"],
  "2025-11-25": [LATEST, "--requirements", "2025-11-25"],
  "2026-07-28": [LATEST, "--requirements", "2026-07-28"],
} as const;

type Suite = keyof typeof SUITES;

interface Expected extends Partial<Readonly<Record<Suite, readonly string[]>>> {
  readonly reason: string;
  /** Default: both. */
  readonly door?: string;
}

const HERE = import.meta.dirname;
const EXPECTED = load(readFileSync(join(HERE, "expected-failures.yml"), "utf8")) as readonly Expected[];

const DOORS: Readonly<Record<string, (catalogue: string) => Promise<string>>> = {
  HTTP: async (catalogue) => {
    const { url } = await served(["serve", "--http", "0", "--hold", "1s", "-c", catalogue]);
    return `${url}/mcp`;
  },
  stdio: async (catalogue) => {
    const bridge = createBridge(catalogue);
    atEnd(() => {
      bridge.close();
      bridge.closeAllConnections();
    });
    await once(bridge.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(bridge.address() as AddressInfo).port}/mcp`;
  },
};

describe.each(Object.keys(DOORS))("over %s", (door) => {
  it.each(Object.keys(SUITES) as Suite[])(
    "all that %s asks for is so, but what is listed with a reason, and that is not so",
    async (suite) => {
      const place = folder();
      cpSync(HERE, place, { recursive: true });
      const url = (await DOORS[door]?.(join(place, "mcpfier.yaml"))) ?? "";
      const { code, output } = await judge(suite, url, { place, baseline: baselineOf(suite, door) });
      expect(code, output).toBe(0);
    },
  );
});

function baselineOf(suite: Suite, door: string): readonly string[] {
  return EXPECTED.filter((entry) => entry.door === undefined || entry.door === door).flatMap(
    (entry) => entry[suite] ?? [],
  );
}

/** Its exit code says whether exactly the baseline failed. */
async function judge(
  suite: Suite,
  url: string,
  { place, baseline }: { readonly place: string; readonly baseline: readonly string[] },
): Promise<{ readonly code: number; readonly output: string }> {
  const [program, ...words] = SUITES[suite];
  const file = join(place, "baseline.yml");
  writeFileSync(file, JSON.stringify({ server: baseline }));
  const child = spawn(process.execPath, [program, "server", "--url", url, ...words, "--expected-failures", file], {
    cwd: place,
  });
  const outputs = [collect(child, "stdout"), collect(child, "stderr")];
  const [code] = (await once(child, "close")) as [number];
  return { code, output: outputs.map((read) => read()).join("\n") };
}
