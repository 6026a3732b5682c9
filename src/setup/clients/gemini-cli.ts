import { type Client, usualForm, usualStdio } from "../client.ts";

export const geminiCli: Client = {
  id: "gemini-cli",
  name: "Gemini CLI",
  form: usualForm("jsonc"),
  user: ["~/.gemini/settings.json"],
  project: [".gemini/settings.json"],
  // Others use the folder too, so that it alone is no proof.
  signs: { paths: ["~/.gemini/settings.json"], programs: ["gemini"] },
  stdio: usualStdio("${NAME}"),
  http: { extra: { type: "http" }, url: "url" },
  starts: "terminal",
  next: "start Gemini CLI again, in a folder that it trusts; `/mcp` shows the server",
  link: null,
};
