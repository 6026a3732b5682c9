// What mcpfier is installed by beside npm: the one-click bundle, and its entry in the registry of MCP servers.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { atEnd, folder } from "./rig.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MCPB = fileURLToPath(new URL("cli/cli.js", import.meta.resolve("@anthropic-ai/mcpb/cli")));

interface Manifest {
  readonly version: string;
  readonly server: { readonly mcp_config: { readonly command: string; readonly args: readonly string[] } };
  readonly user_config: Readonly<Record<string, { readonly type: string; readonly required: boolean }>>;
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

const { version, mcpName } = json(join(ROOT, "package.json")) as { readonly version: string; readonly mcpName: string };

it("the one-click bundle is valid, and starts from an empty folder as its manifest says", async () => {
  const out = folder();
  const mcpb = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [MCPB, ...words], { encoding: "utf8", env: { ...process.env, HOME: out } });
  execFileSync(process.execPath, ["scripts/bundle-mcpb.ts", out], { cwd: ROOT, stdio: "pipe" });
  const place = folder();
  mcpb("unpack", join(out, "mcpfier.mcpb"), place);
  expect(mcpb("validate", join(place, "manifest.json"))).toContain("passes");
  const manifest = json(join(place, "manifest.json")) as Manifest;
  expect(manifest.version).toBe(version);
  expect(manifest.user_config["catalogue"]).toMatchObject({ type: "file", required: true });
  const catalogue = join(
    folder({ "my tools.yaml": "commands: [{ name: hello, description: d, run: [echo, hello] }]" }),
    "my tools.yaml",
  );
  const { command, args } = manifest.server.mcp_config;
  expect(command).toBe("node");
  const fill = (text: string): string =>
    text.replaceAll("${__dirname}", place).replaceAll("${user_config.catalogue}", catalogue);
  const client = new Client({ name: "bundle", version: "1" });
  atEnd(() => client.close());
  const server = { command: process.execPath, args: args.map(fill), cwd: "/", env: {}, stderr: "ignore" } as const;
  await client.connect(new StdioClientTransport(server));
  expect(client.getServerVersion()).toMatchObject({ name: "mcpfier", version });
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("hello");
});

/** By the documentation of `server.json`, 2025-12-11, as far as it speaks of packages that run on stdio. */
const REGISTRY = {
  type: "object",
  required: ["$schema", "name", "description", "version", "packages"],
  additionalProperties: false,
  properties: {
    $schema: { const: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json" },
    name: { type: "string", minLength: 3, maxLength: 200, pattern: "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$" },
    title: { type: "string", minLength: 1, maxLength: 100 },
    description: { type: "string", minLength: 1, maxLength: 100 },
    version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$" },
    packages: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["registryType", "identifier", "version", "transport"],
        additionalProperties: false,
        properties: {
          registryType: { const: "npm" },
          identifier: { const: "mcpfier" },
          version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$" },
          runtimeHint: { const: "npx" },
          transport: { type: "object", required: ["type"], properties: { type: { const: "stdio" } } },
          packageArguments: {
            type: "array",
            items: {
              anyOf: [
                { required: ["type", "value"], properties: { type: { const: "positional" } } },
                { required: ["type", "name"], properties: { type: { const: "named" } } },
              ],
              properties: { format: { enum: ["string", "number", "boolean", "filepath"] } },
            },
          },
        },
      },
    },
  },
};

it("the entry in the registry is as its documentation wants it, and of this version and package", () => {
  const entry = json(join(ROOT, "server.json")) as {
    readonly name: string;
    readonly version: string;
    readonly packages: readonly { readonly version: string }[];
  };
  const ajv = new Ajv({ strict: false });
  expect(ajv.validate(REGISTRY, entry), ajv.errorsText()).toBe(true);
  expect([entry.name, entry.version, entry.packages[0]?.version]).toEqual([mcpName, version, version]);
});
