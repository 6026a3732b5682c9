import type { Client } from "../client.ts";

export const lmStudio: Client = {
  id: "lm-studio",
  name: "LM Studio",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.lmstudio/mcp.json"],
  project: null,
  signs: { paths: ["~/.lmstudio"], programs: ["lms"] },
  extra: {},
  reference: null,
  starts: "desktop",
  next: "turn the server on in LM Studio, under Program",
};
