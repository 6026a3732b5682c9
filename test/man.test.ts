import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAN, manPage } from "../scripts/man.ts";
import { registry } from "../src/cli/registry.ts";

describe("the manual page", () => {
  const page = readFileSync(MAN, "utf8");

  it("is the one that `npm run docs` writes", () => {
    expect(page).toBe(manPage());
  });

  it("has every verb that is shown, and no other", () => {
    const named = Array.from(page.matchAll(/^\.SS (\S+)/gm), ([, name = ""]) => name.replaceAll("\\-", "-"));
    expect(named).toEqual(registry.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name));
  });

  it("is without fault for mandoc, and shows options that can be copied", () => {
    const { stdout, status } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", MAN], { encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
    // Bold is a letter, a step back, and the letter again.
    const { stdout: overstruck } = spawnSync("mandoc", ["-T", "ascii", MAN], { encoding: "utf8" });
    const shown = overstruck
      .split("\b")
      .map((part, index, parts) => (index < parts.length - 1 ? part.slice(0, -1) : part))
      .join("");
    expect(shown).toContain("--failure-threshold");
    expect(shown).toMatch(/mcpfier - serve commands to language models/);
  });
});
