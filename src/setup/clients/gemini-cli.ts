import type { Client } from "../client.ts";

export const geminiCli: Client = {
  id: "gemini-cli",
  name: "Gemini CLI",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.gemini/settings.json"],
  project: ".gemini/settings.json",
  // Others use the folder too, so that it alone is no proof.
  signs: { paths: ["~/.gemini/settings.json"], programs: ["gemini"] },
  extra: {},
  reference: "${NAME}",
  starts: "terminal",
  next: "start Gemini CLI again; `/mcp` shows the server",
};
