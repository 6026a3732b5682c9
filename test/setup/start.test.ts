import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeStep } from "../../src/cli/write-step.ts";
import { entryIn } from "../../src/setup/entry.ts";
import { isRefused } from "../../src/setup/format.ts";
import { loadFormat } from "../../src/setup/formats.ts";
import { launchOf } from "../../src/setup/launch.ts";
import { planFor } from "../../src/setup/plan.ts";
import { clients } from "../../src/setup/registry.ts";
import { tryEntry } from "../../src/setup/start.ts";
import { BIN, folder } from "../rig.ts";

const CATALOGUE = "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n";

describe("what is written for a client", () => {
  it("starts from the root folder with a bare PATH, and lists its tools, in each client's words", async () => {
    const home = folder({ "mcpfier.yaml": CATALOGUE });
    const where = { platform: process.platform, env: { HOME: home, PATH: "/usr/bin:/bin" }, home };
    const launch = launchOf({
      where,
      cwd: home,
      node: process.execPath,
      program: BIN,
      catalogue: "mcpfier.yaml",
      workspace: ".",
      pass: [],
    });
    const written = clients.filter(({ user }) => typeof user !== "string");
    const started = written.map(async (client) => {
      const file = join(home, client.id);
      const step = await planFor(client, { file }, { name: "mcpfier", launch });
      expect(await writeStep(where, step)).toMatchObject({ step });
      const format = await loadFormat(client.form.syntax);
      const entry = entryIn(format, readFileSync(file, "utf8"), client, "mcpfier");
      if (!entry || isRefused(entry)) throw new Error(`${client.id} has no entry`);
      // As from a terminal, so that nothing but this is in its surroundings.
      return tryEntry(
        { ...client, starts: "terminal" },
        entry,
        { ...where, cwd: "/", version: "0" },
        new AbortController().signal,
      );
    });
    for (const each of await Promise.all(started)) expect(each).toMatchObject({ tools: 2 });
  });
});
