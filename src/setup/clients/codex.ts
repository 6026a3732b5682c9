import type { Client } from "../client.ts";

export const codex: Client = {
  id: "codex",
  name: "Codex",
  form: { syntax: "toml", map: ["mcp_servers"], newer: null, isList: false, head: {} },
  user: ["${CODEX_HOME:-~/.codex}/config.toml"],
  // Read in projects that their user trusts.
  project: [".codex/config.toml"],
  signs: { paths: ["${CODEX_HOME:-~/.codex}"], programs: ["codex"] },
  stdio: {
    // A catalogue may ask a login shell for its PATH, which takes a while.
    extra: { startup_timeout_sec: 30 },
    program: "command",
    args: "args",
    env: "env",
    pass: { names: "env_vars" },
  },
  http: { extra: {}, url: "url" },
  // It clears the environment of servers, in a terminal too.
  starts: "desktop",
  next: "start Codex again; `/mcp` shows the server",
  link: null,
};
