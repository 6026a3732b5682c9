import { type Client, usualForm, usualStdio } from "../client.ts";

export const lmStudio: Client = {
  id: "lm-studio",
  name: "LM Studio",
  form: usualForm("jsonc"),
  // The second is where it was installed before it had a folder of its own.
  user: ["~/.lmstudio/mcp.json", "~/.cache/lm-studio/mcp.json"],
  project: [],
  signs: { paths: ["~/.lmstudio", "~/.cache/lm-studio"], programs: ["lms"] },
  stdio: usualStdio(null),
  http: { extra: {}, url: "url" },
  starts: "desktop",
  next: "turn the server on in LM Studio, under Program",
  link: "lmstudio://add_mcp?name=NAME&config=BASE64",
};
