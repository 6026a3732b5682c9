import type { Client } from "../client.ts";

export const copilotCli: Client = {
  id: "copilot-cli",
  name: "Copilot CLI",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.copilot/mcp-config.json"],
  project: ".github/mcp.json",
  signs: { paths: ["~/.copilot"], programs: ["copilot"] },
  extra: { type: "local", tools: ["*"] },
  reference: null,
  starts: "terminal",
  next: "start Copilot CLI again; `/mcp show` shows the server",
};
