// The faults of the original MCPFier, each by its name: its analytics.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { folder, mcpfier } from "../rig.ts";
import { originalDatabase, query } from "../stores/analytics.ts";
import { original } from "./original.ts";

function fileWith(path: string): string {
  return `${original("{ name: say, description: S., script: echo, args: [hello] }")}
analytics:
  enabled: true
  database_path: ${JSON.stringify(path)}
  retention_days: 30
`;
}

describe("fault of the original: the missing analytics folder", () => {
  it("is made, also in the home folder, and the call is recorded", async () => {
    const [cwd, home] = [folder({ "config.yaml": fileWith("~/.mcpfier/deep/analytics.db") }), folder()];
    expect(await mcpfier(["say"], { cwd, env: { HOME: home } })).toMatchObject({ code: 0, stdout: "hello\n" });
    expect(query(join(home, ".mcpfier/deep/analytics.db"), "SELECT command_name, success FROM events")).toEqual([
      { command_name: "say", success: 1 },
    ]);
  });
});

describe("the original's database, of which the file says no path", () => {
  const commands = original("{ name: say, description: S., run: [echo, hello] }");
  const enabled = `${commands}analytics: { enabled: true }\n`;

  async function told(cwd: string, file: string): Promise<string> {
    const { code, stdout, stderr } = await mcpfier(["validate", file], { cwd });
    expect(code).toBe(0);
    return `${stdout}${stderr}`;
  }

  it("is told of where it stands beside the file, or in the working directory", async () => {
    const [cwd, empty] = [folder({ "config.yaml": enabled, "analytics.db": "" }), folder()];
    expect(await told(empty, join(cwd, "config.yaml"))).toContain(
      "write `database_path: ./analytics.db` to go on with it",
    );
    const far = join(folder({ "config.yaml": enabled }), "config.yaml");
    expect(await told(cwd, far)).toContain(`write \`database_path: ${cwd}/analytics.db\` to go on with it`);
    expect(await told(empty, far)).not.toContain("analytics.db");
  });

  it.each(["enabled: false", "enabled: true, database_path: ./analytics.db"])(
    "is not with { %s }",
    async (settings) => {
      const cwd = folder({ "config.yaml": `${commands}analytics: { ${settings} }\n`, "analytics.db": "" });
      expect(await told(cwd, "config.yaml")).not.toContain("go on with it");
    },
  );
});

describe("fault of the original: analytics that cannot be kept are silently off", () => {
  it("are told of, and the call goes on", async () => {
    const cwd = folder({ "config.yaml": fileWith("in-the-way/analytics.db"), "in-the-way": "a file" });
    const { code, stdout, stderr } = await mcpfier(["say"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
    expect(stderr).toContain("in-the-way/analytics.db");
  });
});

describe("fault of the original: retention_days read, and nothing ever removed", () => {
  it("rows that are older go, and those of the original that are not stay", async () => {
    const cwd = folder({ "config.yaml": fileWith("analytics.db") });
    const path = join(cwd, "analytics.db");
    originalDatabase(path);
    const database = new DatabaseSync(path);
    database.exec("UPDATE events SET timestamp = datetime('now', '-31 days') WHERE command_name = 'analyse'");
    database.exec("UPDATE events SET timestamp = datetime('now', '-2 days') WHERE command_name = 'notify'");
    database.close();
    expect(await mcpfier(["say"], { cwd })).toMatchObject({ code: 0 });
    expect(query(path, "SELECT command_name FROM events ORDER BY id").map((row) => row["command_name"])).toEqual([
      "get-weather",
      "notify",
      "say",
    ]);
  });
});

describe("fault of the original: --analytics prints JSON behind a heading, of seven days and no other", () => {
  it("is JSON alone, with the original's keys, of as many days as one asks for", async () => {
    const cwd = folder({ "config.yaml": fileWith("analytics.db") });
    originalDatabase(join(cwd, "analytics.db"));
    const { code, stdout } = await mcpfier(["--analytics", "--json", "--days", "3"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      days: 3,
      total_commands: 3,
      success_rate: expect.closeTo(66.7, 0) as number,
      errors_last_24h: 1,
      avg_duration_ms: 355,
      top_commands: expect.arrayContaining([expect.objectContaining({ name: "notify", count: 1 })]) as unknown,
    });
  });
});
