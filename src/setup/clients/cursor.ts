import { type Client, usualForm, usualStdio } from "../client.ts";

export const cursor: Client = {
  id: "cursor",
  name: "Cursor",
  form: usualForm("jsonc"),
  user: ["~/.cursor/mcp.json"],
  project: [".cursor/mcp.json"],
  signs: {
    paths: {
      darwin: ["/Applications/Cursor.app", "~/.cursor"],
      win32: ["${LOCALAPPDATA:-~/AppData/Local}/Programs/cursor", "~/.cursor"],
      linux: ["~/.cursor"],
    },
    programs: ["cursor"],
  },
  stdio: usualStdio("${env:NAME}"),
  http: { extra: {}, url: "url" },
  starts: "desktop, at home",
  next: "turn the server on in Cursor's settings, under MCP",
  link: "cursor://anysphere.cursor-deeplink/mcp/install?name=NAME&config=BASE64",
};
