import { type Client, usualForm, usualStdio } from "../client.ts";

export const antigravity: Client = {
  id: "antigravity",
  name: "Antigravity",
  form: usualForm("jsonc"),
  user: ["~/.gemini/config/mcp_config.json"],
  project: [],
  signs: {
    paths: {
      darwin: ["/Applications/Antigravity.app", "~/.gemini/config/mcp_config.json"],
      win32: ["~/.gemini/config/mcp_config.json"],
      linux: ["~/.gemini/config/mcp_config.json"],
    },
    programs: ["antigravity"],
  },
  stdio: usualStdio(null),
  http: { extra: {}, url: "serverUrl" },
  starts: "desktop",
  next: "refresh the list of MCP servers in Antigravity's agent panel",
  link: null,
};
