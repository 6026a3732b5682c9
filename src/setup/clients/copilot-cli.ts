import { type Client, usualForm, usualStdio } from "../client.ts";

export const copilotCli: Client = {
  id: "copilot-cli",
  name: "Copilot CLI",
  form: usualForm("jsonc"),
  user: ["~/.copilot/mcp-config.json"],
  project: ".github/mcp.json",
  signs: { paths: ["~/.copilot"], programs: ["copilot"] },
  stdio: usualStdio(null, { type: "local", tools: ["*"] }),
  http: { extra: { type: "http", tools: ["*"] }, url: "url" },
  starts: "terminal",
  next: "start Copilot CLI again; `/mcp show` shows the server",
  link: null,
};
