import { type Client, usualForm, usualStdio } from "../client.ts";

export const kiro: Client = {
  id: "kiro",
  name: "Kiro",
  form: usualForm("jsonc"),
  user: ["~/.kiro/settings/mcp.json"],
  project: [".kiro/settings/mcp.json"],
  signs: { paths: ["~/.kiro"], programs: ["kiro", "kiro-cli"] },
  stdio: usualStdio("${NAME}"),
  http: { extra: {}, url: "url" },
  starts: "desktop",
  next: "look at Kiro's panel of MCP servers; it reads the file again by itself",
  link: "https://kiro.dev/launch/mcp/add?name=NAME&config=URI",
};
