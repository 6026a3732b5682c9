import { type Client, usualForm, usualStdio } from "../client.ts";

export const claudeCode: Client = {
  id: "claude-code",
  name: "Claude Code",
  form: usualForm("json"),
  user: ["${CLAUDE_CONFIG_DIR:-~}/.claude.json"],
  project: [".mcp.json"],
  signs: { paths: ["${CLAUDE_CONFIG_DIR:-~}/.claude.json"], programs: ["claude"] },
  stdio: usualStdio("${NAME}", { type: "stdio" }),
  http: { extra: { type: "http" }, url: "url" },
  starts: "terminal",
  next: "start a new session of Claude Code; `/mcp` shows the server",
  link: null,
};
