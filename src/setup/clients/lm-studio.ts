import { type Client, usualForm, usualStdio } from "../client.ts";

export const lmStudio: Client = {
  id: "lm-studio",
  name: "LM Studio",
  form: usualForm("jsonc"),
  user: ["~/.lmstudio/mcp.json"],
  project: [],
  signs: { paths: ["~/.lmstudio"], programs: ["lms"] },
  stdio: usualStdio(null),
  http: { extra: {}, url: "url" },
  starts: "desktop",
  next: "turn the server on in LM Studio, under Program",
  link: "lmstudio://add_mcp?name=NAME&config=BASE64",
};
