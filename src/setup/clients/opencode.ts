import type { Client } from "../client.ts";

export const opencode: Client = {
  id: "opencode",
  name: "OpenCode",
  // Its first version has the servers where the second has its other settings of MCP.
  form: {
    syntax: "jsonc",
    map: ["mcp", "servers"],
    older: { map: ["mcp"], marks: ["type", "enabled"] },
    isList: false,
    head: {},
  },
  user: [
    "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.json",
    "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.jsonc",
  ],
  project: "opencode.json",
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
