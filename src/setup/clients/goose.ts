import type { Client } from "../client.ts";

export const goose: Client = {
  id: "goose",
  name: "Goose",
  form: { syntax: "yaml", map: ["extensions"], newer: null, isList: false, head: {} },
  user: {
    darwin: ["${XDG_CONFIG_HOME:-~/.config}/goose/config.yaml"],
    win32: ["${APPDATA:-~/AppData/Roaming}/Block/goose/config/config.yaml"],
    linux: ["${XDG_CONFIG_HOME:-~/.config}/goose/config.yaml"],
  },
  project: [],
  signs: {
    paths: {
      darwin: ["/Applications/Goose.app", "${XDG_CONFIG_HOME:-~/.config}/goose"],
      win32: ["${APPDATA:-~/AppData/Roaming}/Block/goose"],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/goose"],
    },
    programs: ["goose"],
  },
  stdio: {
    extra: { enabled: true, type: "stdio", name: "NAME", timeout: 300 },
    program: "cmd",
    args: "args",
    env: "envs",
    pass: { names: "env_keys" },
  },
  http: { extra: { enabled: true, type: "streamable_http", name: "NAME", timeout: 300 }, url: "uri" },
  starts: "desktop",
  next: "start a new session of Goose; the server is among its extensions",
  link: null,
};
