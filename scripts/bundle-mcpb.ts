// Makes the one-click bundle, mcpfier.mcpb, out of dist/: `npm run bundle:mcpb` builds that before. Clients such as Claude Desktop
// install it with a Node of their own and ask for the catalogue in a file picker, so that no path has to be written anywhere.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packExtension } from "@anthropic-ai/mcpb/cli";

interface Package {
  readonly version: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { version, license, keywords, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Package;

const manifest = {
  manifest_version: "0.3",
  name: "mcpfier",
  display_name: "mcpfier",
  version,
  description: "Your own commands, written in a YAML file, as tools with types and limits.",
  long_description:
    "mcpfier serves the commands of a catalogue, mcpfier.yaml, as tools. Each is an argument list with typed parameters, a time limit and progress; a change of the file is served at once.",
  author: { name: "the mcpfier authors" },
  license,
  keywords,
  server: {
    type: "node",
    entry_point: "dist/mcpfier.mjs",
    mcp_config: {
      command: "node",
      args: ["${__dirname}/dist/mcpfier.mjs", "serve", "--config", "${user_config.catalogue}"],
    },
  },
  user_config: {
    catalogue: {
      type: "file",
      title: "Catalogue",
      description: "The mcpfier.yaml with your commands. Its folder is their workspace unless it says otherwise.",
      required: true,
    },
  },
  tools_generated: true,
  prompts_generated: true,
  compatibility: { platforms: ["darwin", "linux"], runtimes: { node: engines.node } },
};

const out = process.argv[2] ?? join(ROOT, "bundle");
const stage = join(out, "mcpfier");
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const name of ["dist", "schemas", "LICENSE"]) cpSync(join(ROOT, name), join(stage, name), { recursive: true });
writeJson("manifest.json", manifest);
// What mcpfier reads its version from.
writeJson("package.json", { name: "mcpfier", version, license, type: "module" });
// The official tool: it says what is wrong with the manifest, and packs nothing then.
const isPacked = await packExtension({ extensionPath: stage, outputPath: join(out, "mcpfier.mcpb"), silent: true });
if (!isPacked) process.exit(1);
console.log(join(out, "mcpfier.mcpb"));

function writeJson(name: string, value: unknown): void {
  writeFileSync(join(stage, name), `${JSON.stringify(value, null, 2)}\n`);
}
