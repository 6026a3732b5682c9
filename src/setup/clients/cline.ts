import { type Client, usualForm, usualStdio } from "../client.ts";

/** Of its program, and of its extension since it shares that one's settings. */
const OWN = "${CLINE_MCP_SETTINGS_PATH:-~/.cline/data/settings/cline_mcp_settings.json}";
/** Of its extension before that. */
const FOLDER = "Code/User/globalStorage/saoudrizwan.claude-dev";
const FILE = `${FOLDER}/settings/cline_mcp_settings.json`;

export const cline: Client = {
  id: "cline",
  name: "Cline",
  form: usualForm("json"),
  user: {
    darwin: [OWN, `~/Library/Application Support/${FILE}`],
    win32: [OWN, `\${APPDATA:-~/AppData/Roaming}/${FILE}`],
    linux: [OWN, `\${XDG_CONFIG_HOME:-~/.config}/${FILE}`],
  },
  project: [],
  signs: {
    paths: {
      darwin: ["~/.cline", `~/Library/Application Support/${FOLDER}`],
      win32: ["~/.cline", `\${APPDATA:-~/AppData/Roaming}/${FOLDER}`],
      linux: ["~/.cline", `\${XDG_CONFIG_HOME:-~/.config}/${FOLDER}`],
    },
    programs: ["cline"],
  },
  stdio: usualStdio(null),
  http: { extra: { type: "streamableHttp" }, url: "url" },
  starts: "desktop",
  next: "start Cline again, or look at the MCP servers in Cline's panel: the server's dot is green",
  link: null,
};
