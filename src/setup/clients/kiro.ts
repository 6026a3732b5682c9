import type { Client } from "../client.ts";

export const kiro: Client = {
  id: "kiro",
  name: "Kiro",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.kiro/settings/mcp.json"],
  project: ".kiro/settings/mcp.json",
  signs: { paths: ["~/.kiro"], programs: ["kiro", "kiro-cli"] },
  extra: {},
  reference: "${NAME}",
  starts: "desktop",
  next: "look at Kiro's panel of MCP servers; it reads the file again by itself",
};
