import type { Client } from "../client.ts";

export const cursor: Client = {
  id: "cursor",
  name: "Cursor",
  syntax: "jsonc",
  map: ["mcpServers"],
  user: ["~/.cursor/mcp.json"],
  project: ".cursor/mcp.json",
  signs: {
    paths: {
      darwin: ["/Applications/Cursor.app", "~/.cursor"],
      win32: ["${LOCALAPPDATA:-~/AppData/Local}/Programs/cursor", "~/.cursor"],
      linux: ["~/.cursor"],
    },
    programs: ["cursor"],
  },
  extra: {},
  reference: "${env:NAME}",
  starts: "desktop, at home",
  next: "turn the server on in Cursor's settings, under MCP",
};
