import { type Client, usualForm, usualStdio } from "../client.ts";

export const qwenCode: Client = {
  id: "qwen-code",
  name: "Qwen Code",
  form: usualForm("jsonc"),
  user: ["~/.qwen/settings.json"],
  project: [".qwen/settings.json"],
  signs: { paths: ["~/.qwen"], programs: ["qwen"] },
  stdio: usualStdio("${NAME}"),
  http: { extra: {}, url: "httpUrl" },
  starts: "terminal",
  next: "start Qwen Code again; `qwen mcp list` shows the server",
  link: null,
};
