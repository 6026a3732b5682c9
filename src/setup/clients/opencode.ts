import type { Client } from "../client.ts";

export const opencode: Client = {
  id: "opencode",
  name: "OpenCode",
  // All versions read the servers among the settings of MCP; a map of them there is one that few of the first version start with.
  form: {
    syntax: "jsonc",
    map: ["mcp"],
    newer: { map: ["mcp", "servers"], marks: ["type", "enabled"] },
    isList: false,
    head: {},
  },
  user: [
    "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.json",
    "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.jsonc",
  ],
  project: ["opencode.json", "opencode.jsonc"],
  signs: { paths: ["${XDG_CONFIG_HOME:-~/.config}/opencode"], programs: ["opencode"] },
  stdio: {
    extra: { type: "local" },
    program: "command",
    args: null,
    env: "environment",
    pass: { reference: "{env:NAME}" },
  },
  http: { extra: { type: "remote" }, url: "url" },
  starts: "terminal",
  next: "start OpenCode again; `opencode mcp list` shows the server",
  link: null,
};
