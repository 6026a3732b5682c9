import { type Client, usualForm, usualStdio } from "../client.ts";

export const zed: Client = {
  id: "zed",
  name: "Zed",
  form: { ...usualForm("jsonc"), map: ["context_servers"] },
  user: {
    darwin: ["~/.config/zed/settings.json"],
    win32: ["${APPDATA:-~/AppData/Roaming}/Zed/settings.json"],
    linux: ["${XDG_CONFIG_HOME:-~/.config}/zed/settings.json", "~/.var/app/dev.zed.Zed/config/zed/settings.json"],
  },
  project: [".zed/settings.json"],
  signs: {
    paths: {
      darwin: ["/Applications/Zed.app", "~/.config/zed"],
      win32: ["${APPDATA:-~/AppData/Roaming}/Zed"],
      linux: ["${XDG_CONFIG_HOME:-~/.config}/zed", "~/.var/app/dev.zed.Zed/config/zed"],
    },
    programs: ["zed", "zeditor"],
  },
  stdio: usualStdio(null, { source: "custom" }),
  http: { extra: {}, url: "url" },
  starts: "desktop",
  next: "look at the agent panel's settings in Zed: the server's dot is green",
  link: null,
};
