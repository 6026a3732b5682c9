import { type Client, usualForm, usualStdio } from "../client.ts";

/** Of its builds, which share nothing. */
const FOLDERS = ["Code", "Code - Insiders", "VSCodium"];

export const vscode: Client = {
  id: "vscode",
  name: "VS Code",
  form: { ...usualForm("jsonc"), map: ["servers"] },
  user: {
    darwin: FOLDERS.map((name) => `~/Library/Application Support/${name}/User/mcp.json`),
    win32: FOLDERS.map((name) => `\${APPDATA:-~/AppData/Roaming}/${name}/User/mcp.json`),
    linux: FOLDERS.map((name) => `\${XDG_CONFIG_HOME:-~/.config}/${name}/User/mcp.json`),
  },
  project: [".vscode/mcp.json"],
  signs: {
    paths: {
      darwin: [
        "/Applications/Visual Studio Code.app",
        ...FOLDERS.map((name) => `~/Library/Application Support/${name}/User`),
      ],
      win32: FOLDERS.map((name) => `\${APPDATA:-~/AppData/Roaming}/${name}/User`),
      linux: FOLDERS.map((name) => `\${XDG_CONFIG_HOME:-~/.config}/${name}/User`),
    },
    programs: ["code", "code-insiders", "codium"],
  },
  stdio: usualStdio("${env:NAME}", { type: "stdio" }),
  http: { extra: { type: "http" }, url: "url" },
  starts: "desktop",
  next: "start the server in VS Code: the command `MCP: List Servers`",
  link: "vscode:mcp/install?NAMED_URI",
};
