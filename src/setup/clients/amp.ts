import { type Client, usualForm, usualStdio } from "../client.ts";

export const amp: Client = {
  id: "amp",
  name: "Amp",
  // One key with a dot in it.
  form: { ...usualForm("jsonc"), map: ["amp.mcpServers"] },
  user: ["${XDG_CONFIG_HOME:-~/.config}/amp/settings.json"],
  project: [".amp/settings.json"],
  signs: { paths: ["${XDG_CONFIG_HOME:-~/.config}/amp"], programs: ["amp"] },
  stdio: usualStdio(null),
  http: { extra: {}, url: "url" },
  starts: "terminal",
  next: "start Amp again; `amp mcp list` shows the server",
  link: null,
};
