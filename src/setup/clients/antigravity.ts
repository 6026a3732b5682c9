import type { Client } from "../client.ts";

export const antigravity: Client = {
  id: "antigravity",
  name: "Antigravity",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.gemini/config/mcp_config.json"],
  project: null,
  signs: {
    paths: {
      darwin: ["/Applications/Antigravity.app", "~/.gemini/config/mcp_config.json"],
      win32: ["~/.gemini/config/mcp_config.json"],
      linux: ["~/.gemini/config/mcp_config.json"],
    },
    programs: ["antigravity"],
  },
  extra: {},
  reference: null,
  starts: "desktop",
  next: "refresh the list of MCP servers in Antigravity's agent panel",
};
