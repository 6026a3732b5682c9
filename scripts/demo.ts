// The main job, seen from outside: the shipped catalogue is checked and served, and a real MCP client lists and calls its tools.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const BIN = fileURLToPath(new URL("../dist/mcpfier.mjs", import.meta.url));
const CATALOGUE = fileURLToPath(new URL("../mcpfier.yaml", import.meta.url));

say("mcpfier --validate mcpfier.yaml");
const check = spawnSync(process.execPath, [BIN, "--validate", CATALOGUE], { stdio: "inherit" });
if (check.status !== 0) process.exit(1);

say("an MCP client starts `mcpfier serve` and lists its tools");
const client = new Client({ name: "demo", version: "1" });
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [BIN, "serve", "-c", CATALOGUE], stderr: "ignore" }),
);
const { tools } = await client.listTools();
for (const tool of tools) console.log(`  ${tool.name.padEnd(16)} ${tool.title ?? ""}`);

say('it calls search_text: the lines of the schema folder that hold "draft-07"');
await call("search_text", { pattern: "draft-07", paths: ["schemas"] });

say("it calls sample_load, which prints while it runs: each line arrives as progress");
await call("sample_load", { count: 4, interval: 1 });

say("it calls read_file for a file outside of the workspace, and is refused");
await call("read_file", { path: "../../../../etc/passwd" });

await client.close();
console.log("\nThe demo is over; the server has ended with its client.");

async function call(name: string, args: Record<string, unknown>): Promise<void> {
  console.log(`  arguments ${JSON.stringify(args)}`);
  const onprogress = ({ progress, message }: { progress: number; message?: string | undefined }): void =>
    console.log(`  progress ${progress}: ${message}`);
  const result = await client.callTool({ name, arguments: args }, { onprogress });
  const [content] = result.content;
  const text = content?.type === "text" ? content.text.trimEnd() : "";
  console.log(
    `  ${result.isError === true ? "an error of the tool" : "the result"}:\n${text.replace(/^/gm, "    | ")}`,
  );
  console.log(`  _meta ${JSON.stringify(result._meta?.["mcpfier/call"])}`);
}

function say(text: string): void {
  console.log(`\n\x1b[1m== ${text}\x1b[0m`);
}
