import type { Client } from "../client.ts";

export const windsurf: Client = {
  id: "windsurf",
  name: "Windsurf",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.codeium/windsurf/mcp_config.json"],
  project: null,
  signs: { paths: ["~/.codeium/windsurf"], programs: ["windsurf"] },
  extra: {},
  reference: "${env:NAME}",
  starts: "desktop",
  next: "refresh the list of MCP servers in Windsurf's Cascade",
};
