// What reading a large catalogue leaves behind is not kept: every fork would pay for it.
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect, folder, poll, start } from "../rig.ts";

const command = (index: number): string => `  - name: search_${index}
    description: Searches, number ${index}.
    effect: read
    run: [grep, -rn, "\${{ flags }}", "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern: { type: string, required: true, description: What to look for }
      paths:   { type: array, items: { type: path }, within: workspace, default: ["."] }
      exact:   { type: boolean, flag: --fixed-strings }
      most:    { type: integer, minimum: 1, maximum: 500, default: 50, flag: --max-count= }
`;

test("a server gives back the memory that reading a large catalogue took", async () => {
  const yaml = `commands:\n${Array.from({ length: 1500 }, (_, index) => command(index)).join("")}`;
  const file = join(folder({ "mcpfier.yaml": yaml }), "mcpfier.yaml");
  const child = start(["serve", "-c", file, "--log-level", "debug"], { env: { XDG_CACHE_HOME: folder() } });
  const exit = once(child, "exit");
  const stderr = collect(child, "stderr");
  const told = (): string | undefined => stderr().match(/^\{.*memory was given back.*\}$/m)?.[0];
  await poll(
    () => told() !== undefined,
    () => `nothing was given back: ${stderr()}`,
  );
  const { before, after } = JSON.parse(told() ?? "{}") as { readonly before: number; readonly after: number };
  expect(after).toBeLessThan(before * 0.8);
  child.stdin?.end();
  await exit;
});
