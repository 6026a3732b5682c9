import { type Client, usualStdio } from "../client.ts";

export const continueDev: Client = {
  id: "continue",
  name: "Continue",
  form: {
    syntax: "yaml",
    map: ["mcpServers"],
    newer: null,
    isList: true,
    head: { name: "mcpfier", version: "0.0.1", schema: "v1" },
  },
  user: ["~/.continue/config.yaml"],
  // A file of our own among those of others.
  project: [".continue/mcpServers/mcpfier.yaml"],
  signs: { paths: ["~/.continue"], programs: ["cn"] },
  stdio: usualStdio(null, { name: "NAME" }),
  http: { extra: { name: "NAME", type: "streamable-http" }, url: "url" },
  starts: "desktop",
  next: "look at Continue's settings, under Tools: it reads the file again by itself",
  link: null,
};
