import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { frailtyOf, launchOf } from "../../src/setup/launch.ts";
import { type Where, evidenceOf, placeFor, placeOf } from "../../src/setup/place.ts";
import { planFor } from "../../src/setup/plan.ts";
import { clients } from "../../src/setup/registry.ts";
import { claudeDesktop } from "../../src/setup/clients/claude-desktop.ts";
import { folder } from "../rig.ts";

const HOME = "/home/me";
const EXTENSION = ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings";

function clientOf(id: string): (typeof clients)[number] {
  return clients.find((client) => client.id === id) as (typeof clients)[number];
}

function files(where: Where): Readonly<Record<string, unknown>> {
  const written = clients.filter(({ user }) => typeof user !== "string");
  return Object.fromEntries(written.map((client) => [client.id, Object.values(placeOf(client, where))[0]]));
}

describe("the file of a client", () => {
  it("is where its documentation says, on Linux", () => {
    expect(files({ platform: "linux", env: {}, home: HOME })).toEqual({
      "claude-desktop": "/home/me/.config/Claude/claude_desktop_config.json",
      "claude-code": "/home/me/.claude.json",
      cursor: "/home/me/.cursor/mcp.json",
      vscode: "/home/me/.config/Code/User/mcp.json",
      "copilot-cli": "/home/me/.copilot/mcp-config.json",
      windsurf: "/home/me/.codeium/windsurf/mcp_config.json",
      zed: "/home/me/.config/zed/settings.json",
      codex: "/home/me/.codex/config.toml",
      "gemini-cli": "/home/me/.gemini/settings.json",
      antigravity: "/home/me/.gemini/config/mcp_config.json",
      goose: "/home/me/.config/goose/config.yaml",
      continue: "/home/me/.continue/config.yaml",
      opencode: "/home/me/.config/opencode/opencode.json",
      cline: "/home/me/.cline/data/settings/cline_mcp_settings.json",
      "lm-studio": "/home/me/.lmstudio/mcp.json",
      kiro: "/home/me/.kiro/settings/mcp.json",
      devin: "/home/me/.config/devin/mcp_config.json",
      "qwen-code": "/home/me/.qwen/settings.json",
      amp: "/home/me/.config/amp/settings.json",
    });
  });

  it("is where its documentation says, on a Mac, where it differs", () => {
    expect(files({ platform: "darwin", env: {}, home: "/Users/me" })).toMatchObject({
      "claude-desktop": "/Users/me/Library/Application Support/Claude/claude_desktop_config.json",
      vscode: "/Users/me/Library/Application Support/Code/User/mcp.json",
      zed: "/Users/me/.config/zed/settings.json",
      goose: "/Users/me/.config/goose/config.yaml",
      codex: "/Users/me/.codex/config.toml",
    });
  });

  it("is where its documentation says, on Windows, where it differs", () => {
    const env = { APPDATA: "C:/Users/me/AppData/Roaming", LOCALAPPDATA: "C:/Users/me/AppData/Local" };
    expect(files({ platform: "win32", env, home: "C:/Users/me" })).toMatchObject({
      "claude-desktop": "C:/Users/me/AppData/Roaming/Claude/claude_desktop_config.json",
      cursor: "C:/Users/me/.cursor/mcp.json",
      vscode: "C:/Users/me/AppData/Roaming/Code/User/mcp.json",
      zed: "C:/Users/me/AppData/Roaming/Zed/settings.json",
      goose: "C:/Users/me/AppData/Roaming/Block/goose/config/config.yaml",
      codex: "C:/Users/me/.codex/config.toml",
      opencode: "C:/Users/me/.config/opencode/opencode.json",
    });
  });

  it("follows the variables that move it", () => {
    const env = { XDG_CONFIG_HOME: "/conf", CLAUDE_CONFIG_DIR: "/claude", CODEX_HOME: "/codex" };
    expect(files({ platform: "linux", env, home: HOME })).toMatchObject({
      "claude-code": "/claude/.claude.json",
      vscode: "/conf/Code/User/mcp.json",
      codex: "/codex/config.toml",
    });
  });

  it.each([
    ["opencode", [".config/opencode/opencode.jsonc"], 0],
    ["opencode", [".config/opencode/opencode.jsonc", ".config/opencode/opencode.json"], 1],
    ["vscode", [".config/VSCodium/User/mcp.json", ".config/Code/User/settings.json"], 0],
    ["cline", [`${EXTENSION}/cline_mcp_settings.json`, ".cline/data/settings/providers.json"], 0],
    ["cline", [".cline/data/settings/cline_mcp_settings.json", `${EXTENSION}/cline_mcp_settings.json`], 0],
    ["lm-studio", [".cache/lm-studio/mcp.json"], 0],
    ["zed", [".var/app/dev.zed.Zed/config/zed/settings.json"], 0],
  ])("of %s, with %j, is number %i of them", (id, there, index) => {
    const home = folder(Object.fromEntries(there.map((path) => [path, "{}"])));
    const file = join(home, there[index] ?? "");
    expect(placeFor(clientOf(id), { platform: "linux", env: {}, home }, null)).toEqual({ file });
  });

  it("is where its application has its folder, where no file is", () => {
    const home = folder({ ".config/VSCodium/User/settings.json": "{}" });
    const file = join(home, ".config/VSCodium/User/mcp.json");
    expect(placeOf(clientOf("vscode"), { platform: "linux", env: {}, home })).toEqual({ file });
  });

  it.each([
    ["opencode", {}, "opencode.json"],
    ["opencode", { "opencode.jsonc": "{}" }, "opencode.jsonc"],
    ["copilot-cli", {}, ".mcp.json"],
    ["copilot-cli", { ".github/mcp.json": "{}" }, ".github/mcp.json"],
    ["copilot-cli", { ".github/mcp.json": "{}", ".mcp.json": "{}" }, ".mcp.json"],
  ])("of a project is for %s, with %j, the one that is read: %s", (id, there, expected) => {
    const project = folder(there);
    const place = placeFor(clientOf(id), { platform: "linux", env: {}, home: HOME }, project);
    expect(place).toEqual({ file: join(project, expected) });
  });

  const NAME = "claude_desktop_config.json";
  const packaged = (id: string): string => `Local/Packages/Claude_${id}/LocalCache/Roaming/Claude`;
  it.each([
    [
      "the package's, which is there",
      [`${packaged("a")}/${NAME}`, `Roaming/Claude/${NAME}`],
      `${packaged("a")}/${NAME}`,
    ],
    [
      "the classic one, where the package has none",
      ["Local/Packages/Claude_a/x", `Roaming/Claude/${NAME}`],
      `Roaming/Claude/${NAME}`,
    ],
    ["the package's, where none is there", ["Local/Packages/Claude_a/x"], `${packaged("a")}/${NAME}`],
    ["the classic one, where no package is", ["Local/x"], `Roaming/Claude/${NAME}`],
  ])("of Claude Desktop on Windows is %s", (_what, there, file) => {
    const home = folder(Object.fromEntries(there.map((path) => [path, ""])));
    const where: Where = {
      platform: "win32",
      env: { APPDATA: join(home, "Roaming"), LOCALAPPDATA: join(home, "Local") },
      home,
    };
    expect(placeOf(claudeDesktop, where)).toEqual({ file: join(home, file) });
  });

  it("of Claude Desktop on Windows is nobody's guess, where two packages have one", async () => {
    const home = folder({ [`${packaged("a")}/${NAME}`]: "", [`${packaged("b")}/${NAME}`]: "" });
    const where: Where = { platform: "win32", env: { LOCALAPPDATA: join(home, "Local") }, home };
    const place = placeOf(claudeDesktop, where);
    expect(place).toEqual({ several: ["a", "b"].map((id) => join(home, packaged(id), NAME)) });
    const launch = { command: "/opt/node", args: [], pass: [] };
    expect(await planFor(claudeDesktop, place, { name: "mcpfier", launch })).toMatchObject({
      action: "manual",
      reason: expect.stringContaining("nobody can tell which of these files it reads"),
    });
  });
});

describe("what shows that a client is there", () => {
  const found = (home: string, PATH = ""): readonly string[] =>
    clients.filter((client) => evidenceOf(client, { platform: "linux", env: { PATH }, home })).map(({ id }) => id);

  it("is its file, a folder of its own that holds something, or a program", () => {
    expect(found(folder({ ".cursor/extensions/x": "", ".gemini/tmp/x": "" }))).toEqual(["cursor"]);
    expect(found(folder({ ".gemini/config/mcp_config.json": "" }))).toEqual(["antigravity"]);
    expect(found(folder(), folder({ claude: "", gemini: "" }))).toEqual(["claude-code", "gemini-cli"]);
    expect(found(folder())).toEqual([]);
  });
});

describe("what a client starts", () => {
  const running = {
    where: { platform: "linux", env: {}, home: HOME } as const,
    cwd: "/work",
    node: process.execPath,
    program: import.meta.filename,
    catalogue: "sub/mcpfier.yaml",
    workspace: undefined,
    pass: [],
  };

  it("has absolute paths only", () => {
    expect(launchOf({ ...running, workspace: "w" })).toEqual({
      command: process.execPath,
      args: [import.meta.filename, "serve", "--config", "/work/sub/mcpfier.yaml", "--workspace", "/work/w"],
      pass: [],
    });
  });

  it.each([
    ["/home/me/.nvm/versions/node/v24.1.0/bin/node", "/opt/m/dist/mcpfier.mjs", /version manager/],
    ["/home/me/.local/share/mise/installs/node/24/bin/node", "/opt/m/dist/mcpfier.mjs", /version manager/],
    ["/usr/bin/node", "/home/me/.npm/_npx/1a/node_modules/mcpfier/dist/mcpfier.mjs", /npx's cache/],
    ["/usr/bin/node", "/opt/m/dist/mcpfier.mjs", undefined],
  ])("%s with %s is known to last or not", (command, path, words) => {
    const frailty = frailtyOf({ command, args: [path], pass: [] });
    if (words) expect(frailty).toMatch(words);
    else expect(frailty).toBeUndefined();
  });
});
