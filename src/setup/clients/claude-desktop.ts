import { type Client, usualForm, usualStdio } from "../client.ts";

export const claudeDesktop: Client = {
  id: "claude-desktop",
  name: "Claude Desktop",
  form: usualForm("json"),
  user: {
    darwin: ["~/Library/Application Support/Claude/claude_desktop_config.json"],
    // As a package of the Store it reads the first one only, and says nothing of the other.
    win32: [
      "${LOCALAPPDATA:-~/AppData/Local}/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
      "${APPDATA:-~/AppData/Roaming}/Claude/claude_desktop_config.json",
    ],
    linux: ["${XDG_CONFIG_HOME:-~/.config}/Claude/claude_desktop_config.json"],
  },
  project: [],
  signs: {
    paths: {
      darwin: ["/Applications/Claude.app", "~/Library/Application Support/Claude"],
      win32: [
        "${LOCALAPPDATA:-~/AppData/Local}/Packages/Claude_*",
        "${LOCALAPPDATA:-~/AppData/Local}/AnthropicClaude",
        "${APPDATA:-~/AppData/Roaming}/Claude",
      ],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/Claude"],
    },
    programs: ["claude-desktop"],
  },
  stdio: usualStdio(null),
  http: "its file takes only servers that it starts: add the URL in its settings, under Connectors",
  starts: "desktop",
  next: "quit Claude Desktop fully, from the tray too, and open it again; while it runs it may write its own file over this one",
  link: null,
};
