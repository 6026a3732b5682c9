import { type Client, usualForm, usualStdio } from "../client.ts";

export const devin: Client = {
  id: "devin",
  name: "Devin Desktop and CLI",
  form: usualForm("json"),
  user: {
    darwin: ["~/.config/devin/mcp_config.json"],
    win32: ["${APPDATA:-~/AppData/Roaming}/devin/mcp_config.json"],
    linux: ["${XDG_CONFIG_HOME:-~/.config}/devin/mcp_config.json"],
  },
  project: [".devin/mcp_config.json"],
  signs: {
    paths: {
      darwin: ["/Applications/Devin.app", "~/.config/devin"],
      win32: ["${APPDATA:-~/AppData/Roaming}/devin"],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/devin"],
    },
    programs: ["devin"],
  },
  stdio: usualStdio(null),
  http: { extra: { transport: "http" }, url: "url" },
  starts: "desktop",
  next: "open a new tab of Devin; `devin mcp list` shows the server",
  link: null,
};
