// Bundles the product into dist/: one launcher that any Node can parse, and the program behind it. Every library is inside,
// so the installed package has no dependencies; their licences are gathered beside the bundle. Compiles what starts programs, too.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { type Plugin, rolldown } from "rolldown";
import { parseAst } from "rolldown/parseAst";
import { AJV_OPTIONS } from "../src/catalogue/validate-file.ts";
import { eager } from "./eager.ts";
import { lazySchemas } from "./lazy-schemas.ts";
import { licencesOf } from "./licences.ts";
import { startProfile } from "./start-profile.ts";

const OUT = "dist";
/** With the names of the files that it is made of. */
const IS_READABLE = process.argv.includes("--readable");
/** Stands for what the bundle leaves out. */
const LEFT_OUT = "\0left-out.cjs";
/** Stands for what the protocol library takes from Node, and from its validator. */
const SHIMS = "\0shims.mjs";
/** Stands for what is not there, and is asked for inside `try`. */
const ABSENT = "\0absent.cjs";
/** Functions whose modules are loaded with the first call, as a start comes by without. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": ["spawn"],
  "node:fs/promises": [
    "access",
    "chmod",
    "chown",
    "lstat",
    "mkdir",
    "open",
    "opendir",
    "readdir",
    "rm",
    "rmdir",
    "unlink",
    "writeFile",
  ],
  "node:timers/promises": ["setImmediate", "setTimeout"],
  "node:crypto": ["createCipheriv", "createDecipheriv", "createHash", "randomBytes", "randomUUID"],
};
/** The part of the protocol library that reads and checks messages. */
const PROTOCOL = /[\\/]@modelcontextprotocol[\\/]server[\\/]dist[\\/]src-/;
/** Marks a second copy of a file. */
const APART = "?http";

/**
 * What every start of a server over stdio runs: it is one file with all that it imports, because opening many costs more than reading
 * one. Everything else is split by when it is loaded.
 */
const START = new Set(
  ["main.ts", "cli/verbs/serve.ts", "cli/follow.ts", "catalogue/watch.ts", "mcp/stdio.ts"].map((file) =>
    resolve(import.meta.dirname, "../src", file),
  ),
);

mkdirSync(OUT, { recursive: true });
const launcher = await rolldown({
  input: { mcpfier: "src/launcher.ts" },
  platform: "node",
  transform: { target: "es2015" },
  plugins: [
    {
      name: "main",
      resolveId: (id) => (id === "./main.ts" ? { id: "./main.mjs", external: "relative" } : undefined),
    },
  ],
});
await launcher.write({ dir: OUT, entryFileNames: "[name].mjs", banner: "#!/usr/bin/env node" });
const program = await rolldown({
  input: { main: "src/main.ts", "analytics-worker": "src/stores/analytics/worker.ts" },
  platform: "node",
  transform: {
    target: "node22.18",
    // ssh2's WebAssembly asks for the folder that it is in as it is loaded, though it holds all that it needs.
    define: { MCPFIER_BUILD: JSON.stringify(sourcesDigest()), __dirname: "import.meta.dirname" },
  },
  plugins: [
    readyValidator(),
    withoutTransports(),
    withoutValidator(),
    withoutNative(),
    httpApart(),
    ownKinds(),
    plainCalls(),
    lazySchemas(),
    lightBuiltins(),
    asciiOnly(),
  ],
  // Its other form finds its parts at run time.
  resolve: { alias: { "jsonc-parser": resolve("node_modules/jsonc-parser/lib/esm/main.js") } },
  // What a start loads anyway is loaded apart where other verbs need it.
  checks: { ineffectiveDynamicImport: false },
});
const { output } = await program.write({
  dir: OUT,
  entryFileNames: "[name].mjs",
  chunkFileNames: "[name]-[hash].mjs",
  minify: !IS_READABLE,
  comments: IS_READABLE,
  codeSplitting: { groups: [{ name: "start", test: (id) => START.has(id) }] },
});
const chunks = output.filter((each) => each.type === "chunk");
chmodSync(join(OUT, "mcpfier.mjs"), 0o755);
const spawner = compileSpawner();
writeFileSync(
  join(OUT, "THIRD-PARTY-LICENSES.txt"),
  licencesOf(
    chunks.flatMap(({ moduleIds }) => moduleIds),
    spawner === undefined ? [] : ["musl.txt"],
  ),
);
// Written over what was there, and swept afterwards: a server that runs from here still finds its parts meanwhile.
const made = new Set([...output.map(({ fileName }) => fileName), "mcpfier.mjs", "THIRD-PARTY-LICENSES.txt", spawner]);
for (const name of readdirSync(OUT)) if (!made.has(name)) rmSync(join(OUT, name), { recursive: true });
const startFile = resolve(OUT, chunks.find(({ name }) => name === "start")?.fileName ?? "");
const ran = await startProfile(join(OUT, "mcpfier.mjs"), startFile);
writeFileSync(startFile, eager(readFileSync(startFile, "utf8"), ran));

/**
 * The process that starts programs, for the machine that builds, with no library that the user's would have to have. Undefined where it
 * cannot be had: the server then starts programs itself.
 */
function compileSpawner(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const name = `mcpfier-spawner-linux-${process.arch}`;
  const fresh = join(OUT, `${name}.new`);
  const strict = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror"];
  const options = [...strict, "-Os", "-static", "-s", "-o", fresh, "native/spawner.c"];
  const { error, status } = spawnSync("musl-gcc", options, { stdio: "inherit" });
  if (error) {
    process.stderr.write("built without a spawner, as there is no musl-gcc (Debian: musl-tools): calls are slower\n");
    return undefined;
  }
  if (status !== 0) throw new Error("native/spawner.c could not be compiled");
  // One that runs goes on with what it is.
  renameSync(fresh, join(OUT, name));
  return name;
}

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
    load: (id) => (/catalogue[\\/]validate-file\.ts$/.test(id) ? { code: contents, moduleType: "js" } : undefined),
  };
}

/**
 * Leaves out of dockerode what `src/containers` does itself (docker-modem, which is HTTP and brings SSH) and what only building
 * images needs (gRPC, protobuf, tar); and of commander what starts programs for verbs.
 */
function withoutTransports(): Plugin {
  const contents = `module.exports = () => { throw new Error("this part of a library is left out of mcpfier"); };`;
  const parts = /^(?:docker-modem|tar-fs|@balena\/dockerignore|\.\/session|\.\/buildkit)$/;
  return {
    name: "without-transports",
    resolveId: (id, importer = "") => {
      const isOfDocker = parts.test(id) && /[\\/]dockerode[\\/]lib[\\/]/.test(importer);
      const isOfVerbs = id === "node:child_process" && /[\\/]commander[\\/]lib[\\/]/.test(importer);
      return isOfDocker || isOfVerbs ? LEFT_OUT : undefined;
    },
    load: (id) => (id === LEFT_OUT ? { code: contents, moduleType: "js" } : undefined),
  };
}

/**
 * Leaves out the protocol library's validator, a third of what every start would load: it checks forms that its own method asks for, and
 * `src/mcp` asks, and checks what comes, itself.
 */
function withoutValidator(): Plugin {
  const refusal = `throw new Error("this part of a library is left out of mcpfier");`;
  const code = `export { default as process } from "node:process";\nexport class DefaultJsonSchemaValidator { getValidator() { ${refusal} } }\n`;
  return {
    name: "without-validator",
    resolveId: (id) => (id === "@modelcontextprotocol/server/_shims" ? SHIMS : undefined),
    load: (id) => (id === SHIMS ? { code, moduleType: "js" } : undefined),
  };
}

/** Leaves out what ssh2 does in JavaScript where it is not there: as an import it would stay, with a path of this machine. */
function withoutNative(): Plugin {
  return {
    name: "without-native",
    resolveId: (id) => (id === "cpu-features" || id.endsWith(".node") ? ABSENT : undefined),
    load: (id) => (id === ABSENT ? { code: `throw new Error("left out");`, moduleType: "js" } : undefined),
  };
}

/**
 * Gives the HTTP door a copy of its own of the protocol library's main file, which holds what only it uses: what is shared by
 * chunks is not taken apart, and every server would load it at its start. The library's classes are in files that stay shared. Of the
 * schema of all messages it takes only what parses by it: what the start file exports is made at each start.
 */
function httpApart(): Plugin {
  return {
    name: "http-apart",
    async resolveId(id, importer, options) {
      if (id !== "@modelcontextprotocol/server" || !/src[\\/]mcp[\\/]http\.ts$/.test(importer ?? "")) return undefined;
      const found = await this.resolve(id, importer, { ...options, skipSelf: true });
      return found && { ...found, id: `${found.id}${APART}` };
    },
    load: (id) =>
      id.endsWith(APART)
        ? readFileSync(id.slice(0, -APART.length), "utf8").replaceAll(
            "JSONRPCMessageSchema.parse(",
            "parseJSONRPCMessage(",
          )
        : undefined,
  };
}

/** Has the protocol library tell the kinds of messages by `src/mcp/kinds.ts`, which a test holds against its schemas. */
function ownKinds(): Plugin {
  const test =
    /^const (isJSONRPC(?:Request|Notification|ResultResponse|ErrorResponse)) = \(value\) => \w+\.safeParse\(value\)\.success;$/gm;
  return {
    name: "own-kinds",
    transform(code, id) {
      if (!PROTOCOL.test(id)) return undefined;
      const names = Array.from(code.matchAll(test), ([, name]) => name);
      if (names.length !== 4)
        this.error(
          `expected the protocol library's four tests of a message's kind, came ${names.join(", ") || "none"}`,
        );
      return `import { ${names.join(", ")} } from ${JSON.stringify(resolve("src/mcp/kinds.ts"))};\n${code.replaceAll(test, "")}`;
    },
  };
}

/** Has the protocol library ask `src/mcp/plain-call.ts`, which a test holds against its schemas, before these. */
function plainCalls(): Plugin {
  const check = /^\tvalidate(Request|Result): \(method, raw\) => triState/gm;
  return {
    name: "plain-calls",
    transform(code, id) {
      if (!PROTOCOL.test(id)) return undefined;
      const count = Array.from(code.matchAll(check)).length;
      if (count !== 4)
        this.error(`expected two checks of the protocol library for each of its two eras, came ${count}`);
      const names = `import { plainRequest, plainResult } from ${JSON.stringify(resolve("src/mcp/plain-call.ts"))};\n`;
      return names + code.replaceAll(check, "\tvalidate$1: (method, raw) => plain$1(method, raw) ?? triState");
    },
  };
}

/**
 * Takes Node's own modules as they are. An `import` of one reads each of its exports, which loads what stands behind the getters of
 * `process`, `crypto` and `util`: 20 more of Node's files. What spawns is loaded with the first process.
 */
function lightBuiltins(): Plugin {
  return {
    name: "light-builtins",
    renderChunk(code) {
      const imports = parseAst(code).body.filter(
        (each) => each.type === "ImportDeclaration" && each.source.value.startsWith("node:"),
      );
      return imports.reduceRight(
        (text, each) => text.slice(0, each.start) + taken(each as ImportDeclaration) + text.slice(each.end),
        code,
      );
    },
  };
}

type ImportDeclaration = Extract<ReturnType<typeof parseAst>["body"][number], { type: "ImportDeclaration" }>;

function taken({ source, specifiers }: ImportDeclaration): string {
  const found = `process.getBuiltinModule(${JSON.stringify(source.value)})`;
  const names = specifiers.map((each) => ({ name: exported(each), local: each.local.name }));
  const later = names.filter(({ name }) => LATER[source.value]?.includes(name));
  const wholes = names.filter(({ name }) => name === "default");
  const parts = names.filter((each) => !wholes.includes(each) && !later.includes(each));
  return [
    ...later.map(
      ({ name, local }) =>
        `let ${local}$found; const ${local} = (...args) => (${local}$found ??= ${found}.${name})(...args);`,
    ),
    ...wholes.map(({ local }) => `const ${local} = ${found};`),
    parts.length === 0 ? "" : `const { ${parts.map(({ name, local }) => `${name}: ${local}`).join(", ")} } = ${found};`,
  ].join("\n");
}

/** The default export of a builtin is the builtin, and so is what all its names together are. */
function exported(each: ImportDeclaration["specifiers"][number]): string {
  return each.type === "ImportSpecifier" && each.imported.type === "Identifier" ? each.imported.name : "default";
}

/** V8 holds a text of other characters in twice the memory, and Node decodes it at a fraction of the speed. */
function asciiOnly(): Plugin {
  return {
    name: "ascii-only",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        // Escapes mean the same in every literal but this one.
        if (/\.raw`[^`]*[^\0-\x7f]/.test(chunk.code))
          throw new Error(`${chunk.fileName}: String.raw of other than ASCII`);
        chunk.code = chunk.code.replaceAll(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
      }
    },
  };
}
