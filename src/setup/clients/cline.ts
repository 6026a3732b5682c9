import { type Client, usualForm, usualStdio } from "../client.ts";

const FOLDER = "Code/User/globalStorage/saoudrizwan.claude-dev";
const FILE = `${FOLDER}/settings/cline_mcp_settings.json`;

export const cline: Client = {
  id: "cline",
  name: "Cline",
  form: usualForm("jsonc"),
  user: {
    darwin: [`~/Library/Application Support/${FILE}`],
    win32: [`\${APPDATA:-~/AppData/Roaming}/${FILE}`],
    linux: [`\${XDG_CONFIG_HOME:-~/.config}/${FILE}`],
  },
  project: null,
  signs: {
    paths: {
      darwin: [`~/Library/Application Support/${FOLDER}`],
      win32: [`\${APPDATA:-~/AppData/Roaming}/${FOLDER}`],
      linux: [`\${XDG_CONFIG_HOME:-~/.config}/${FOLDER}`],
    },
    programs: [],
  },
  stdio: usualStdio(null),
  http: { extra: { type: "streamableHttp" }, url: "url" },
  starts: "desktop",
  next: "look at the MCP servers in Cline's panel: the server's dot is green",
  link: null,
};
