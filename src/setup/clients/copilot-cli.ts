import { type Client, usualForm, usualStdio } from "../client.ts";

export const copilotCli: Client = {
  id: "copilot-cli",
  name: "Copilot CLI",
  form: usualForm("jsonc"),
  user: ["${COPILOT_HOME:-~/.copilot}/mcp-config.json"],
  // Where the first is there, it does not read the second.
  project: [".mcp.json", ".github/mcp.json"],
  signs: { paths: ["${COPILOT_HOME:-~/.copilot}"], programs: ["copilot"] },
  // It says "local" itself, with which Claude Code, which reads the same file of a project, takes no server.
  stdio: usualStdio(null, { type: "stdio", tools: ["*"] }),
  http: { extra: { type: "http", tools: ["*"] }, url: "url" },
  starts: "terminal",
  next: "start Copilot CLI again; `/mcp show` shows the server",
  link: null,
};
