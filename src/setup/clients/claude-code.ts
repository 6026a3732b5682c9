import type { Client } from "../client.ts";

export const claudeCode: Client = {
  id: "claude-code",
  name: "Claude Code",
  syntax: "json",
  map: ["mcpServers"],
  user: ["${CLAUDE_CONFIG_DIR:-~}/.claude.json"],
  project: ".mcp.json",
  signs: { paths: ["${CLAUDE_CONFIG_DIR:-~}/.claude.json"], programs: ["claude"] },
  extra: { type: "stdio" },
  reference: "${NAME}",
  starts: "terminal",
  next: "start a new session of Claude Code; `/mcp` shows the server",
};
