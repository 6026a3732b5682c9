import { type Client, usualForm, usualStdio } from "../client.ts";

export const vscode: Client = {
  id: "vscode",
  name: "VS Code",
  form: { ...usualForm("jsonc"), map: ["servers"] },
  user: {
    darwin: ["~/Library/Application Support/Code/User/mcp.json"],
    win32: ["${APPDATA:-~/AppData/Roaming}/Code/User/mcp.json"],
    linux: ["${XDG_CONFIG_HOME:-~/.config}/Code/User/mcp.json"],
  },
  project: ".vscode/mcp.json",
  signs: {
    paths: {
      darwin: ["/Applications/Visual Studio Code.app", "~/Library/Application Support/Code/User"],
      win32: ["${APPDATA:-~/AppData/Roaming}/Code/User"],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/Code/User"],
    },
    programs: ["code"],
  },
  stdio: usualStdio("${env:NAME}", { type: "stdio" }),
  http: { extra: { type: "http" }, url: "url" },
  starts: "desktop",
  next: "start the server in VS Code: the command `MCP: List Servers`",
  link: "vscode:mcp/install?NAMED_URI",
};
