// Bundles the product into dist/: one launcher that any Node can parse, and the program behind it. Every library is inside,
// so the installed package has no dependencies; their licences are gathered beside the bundle.
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { type Plugin, build } from "esbuild";
import { AJV_OPTIONS } from "../src/catalogue/validate-file.ts";

const OUT = "dist";

mkdirSync(OUT, { recursive: true });
await build({
  entryPoints: { mcpfier: "src/launcher.ts" },
  outdir: OUT,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2015",
  supported: { "dynamic-import": true },
  external: ["./main.ts"],
  plugins: [
    {
      name: "main",
      setup: (it) => it.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: "./main.mjs", external: true })),
    },
  ],
  banner: { js: "#!/usr/bin/env node" },
});
const result = await build({
  entryPoints: { main: "src/main.ts", "analytics-worker": "src/stores/analytics/worker.ts" },
  outdir: OUT,
  outExtension: { ".js": ".mjs" },
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  // ssh2's WebAssembly asks for the folder that it is in as it is loaded, though it holds all that it needs.
  define: { MCPFIER_BUILD: JSON.stringify(sourcesDigest()), __dirname: "import.meta.dirname" },
  minify: !process.argv.includes("--readable"),
  plugins: [readyValidator(), withoutTransports(), httpApart()],
  // Its other form finds its parts at run time.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  // Optional, and asked for inside `try`: ssh2 does the same in JavaScript.
  external: ["cpu-features", "*.node"],
  keepNames: false,
  format: "esm",
  platform: "node",
  target: "node22.18",
  metafile: true,
  legalComments: "none",
  // Some libraries are CommonJS and ask for Node's modules by `require`.
  banner: {
    js: 'import{createRequire as __mcpfierRequire}from"node:module";const require=__mcpfierRequire(import.meta.url);',
  },
});
chmodSync(join(OUT, "mcpfier.mjs"), 0o755);
writeFileSync(join(OUT, "THIRD-PARTY-LICENSES.txt"), licences(Object.keys(result.metafile.inputs)));
// Written over what was there, and swept afterwards: a server that runs from here still finds its parts meanwhile.
const made = new Set([
  ...Object.keys(result.metafile.outputs).map((path) => basename(path)),
  "mcpfier.mjs",
  "THIRD-PARTY-LICENSES.txt",
]);
for (const name of readdirSync(OUT)) if (!made.has(name)) rmSync(join(OUT, name), { recursive: true });
if (process.argv.includes("--meta")) writeFileSync(join(OUT, "meta.json"), JSON.stringify(result.metafile));

/** Tells builds apart: what an older one wrote into a cache does not count. */
function sourcesDigest(): string {
  const files = globSync(["src/**/*.ts", "schemas/*.json", "package-lock.json"]).toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Compiling the catalogue's schema takes longer than all the rest of a start, so it is done here. */
function readyValidator(): Plugin {
  const schema = JSON.parse(readFileSync("schemas/mcpfier.schema.json", "utf8")) as object;
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true, lines: true } });
  ajv.addSchema(schema, "catalogue");
  const contents = standaloneCode.default(ajv, { validateFile: "catalogue" });
  return {
    name: "ready-validator",
    setup: (it) =>
      it.onLoad({ filter: /catalogue\/validate-file\.ts$/ }, () => ({ contents, loader: "js", resolveDir: "." })),
  };
}

/**
 * Leaves out of dockerode what `src/containers` does itself (docker-modem, which is HTTP and brings SSH) and what only building
 * images needs (gRPC, protobuf, tar).
 */
function withoutTransports(): Plugin {
  const contents = `module.exports = () => { throw new Error("mcpfier's dockerode talks by mcpfier's own HTTP, and builds no images"); };`;
  return {
    name: "without-transports",
    setup: (it) => {
      it.onResolve(
        { filter: /^(?:docker-modem|tar-fs|@balena\/dockerignore|\.\/session|\.\/buildkit)$/ },
        ({ path, importer }) =>
          /[\\/]dockerode[\\/]lib[\\/]/.test(importer) ? { path, namespace: "left-out" } : undefined,
      );
      it.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents, loader: "js" }));
    },
  };
}

/**
 * Gives the HTTP door a copy of its own of the protocol library's main file, which holds what only it uses: what is shared by
 * chunks is not taken apart, and every server would load it at its start. The library's classes are in files that stay shared.
 */
function httpApart(): Plugin {
  return {
    name: "http-apart",
    setup: (it) =>
      it.onResolve({ filter: /^@modelcontextprotocol\/server$/ }, async ({ path, importer, pluginData, ...how }) => {
        if (pluginData === "plain" || !/src[\\/]mcp[\\/]http\.ts$/.test(importer)) return undefined;
        const { kind, resolveDir } = how;
        return { ...(await it.resolve(path, { importer, kind, resolveDir, pluginData: "plain" })), suffix: "?http" };
      }),
  };
}

/** The licence texts of all packages that a bundle was made of. */
function licences(inputs: readonly string[]): string {
  const folders = new Set(
    inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  );
  return [...folders]
    .toSorted()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
        string,
        string
      >;
      const file = readdirSync(folder).find((each) => /^(?:licen[cs]e|copying)/i.test(each));
      const text =
        file !== undefined && existsSync(join(folder, file))
          ? readFileSync(join(folder, file), "utf8")
          : `Licence: ${license}`;
      return `${name} ${version}\n\n${text.trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
