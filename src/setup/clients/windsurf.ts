import { type Client, usualForm, usualStdio } from "../client.ts";

export const windsurf: Client = {
  id: "windsurf",
  name: "Windsurf",
  form: usualForm("jsonc"),
  user: ["~/.codeium/windsurf/mcp_config.json"],
  project: [],
  signs: { paths: ["~/.codeium/windsurf"], programs: ["windsurf"] },
  stdio: usualStdio("${env:NAME}"),
  http: { extra: {}, url: "serverUrl" },
  starts: "desktop",
  next: "refresh the list of MCP servers in Windsurf's Cascade",
  link: null,
};
