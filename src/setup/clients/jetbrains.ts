import { type Client, usualForm, usualStdio } from "../client.ts";

export const jetbrains: Client = {
  id: "jetbrains",
  name: "JetBrains AI Assistant and Junie",
  form: usualForm("json"),
  user: "the IDE keeps it among its own settings: paste the entry in Settings, Tools, AI Assistant, Model Context Protocol (for Junie: Tools, Junie, MCP Settings)",
  project: [],
  signs: {
    paths: {
      darwin: ["~/Library/Application Support/JetBrains"],
      win32: ["${APPDATA:-~/AppData/Roaming}/JetBrains"],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/JetBrains"],
    },
    programs: [],
  },
  stdio: usualStdio(null),
  http: { extra: {}, url: "url" },
  starts: "desktop",
  next: "turn the server on in the settings of the IDE",
  link: null,
};
