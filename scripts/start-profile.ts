// Which functions a start runs.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const CATALOGUE = `commands:
  - { name: one, description: d, run: [echo, hello] }
  - name: other
    description: d
    effect: read
    run: [grep, -rn, "\${{ flags }}", "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern: { type: string, required: true, description: d }
      paths: { type: array, items: { type: path }, within: workspace, default: ["."] }
      most: { type: integer, minimum: 1, default: 50, flag: --max-count= }
`;

const REQUESTS = [
  {
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "build", version: "1" } },
  },
  { method: "notifications/initialized" },
  { id: 1, method: "tools/list", params: {} },
];

/** A start that gives no answer ends the build, too. */
const LONGEST_MS = 60_000;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly [{ readonly startOffset: number; readonly endOffset: number; readonly count: number }];
    }[];
  }[];
}

/** The ranges (`start-end`) of a file's functions that a server's second start runs, to its answer of `tools/list` and its end. */
export async function startProfile(bin: string, file: string): Promise<ReadonlySet<string>> {
  const room = mkdtempSync(join(tmpdir(), "mcpfier-build-"));
  try {
    const catalogue = join(room, "mcpfier.yaml");
    writeFileSync(catalogue, CATALOGUE);
    // What is taken from a compile cache is not counted by all who count.
    const env = { PATH: process.env["PATH"], HOME: room, NODE_DISABLE_COMPILE_CACHE: "1" };
    const args = [bin, "serve", "-c", catalogue];
    const told = join(room, "coverage");
    // The first reads the file, and writes the copy that the second reads.
    await start(args, env);
    await start(args, { ...env, NODE_V8_COVERAGE: told });
    const url = pathToFileURL(file).href;
    const scripts = readdirSync(told).flatMap(
      (name) => (JSON.parse(readFileSync(join(told, name), "utf8")) as Coverage).result,
    );
    const ran = scripts
      .filter((script) => script.url === url)
      .flatMap(({ functions }) => functions.map(({ ranges: [whole] }) => whole))
      .filter(({ count }) => count > 0);
    if (ran.length === 0) throw new Error(`${file} was expected to run at a start, and did not`);
    return new Set(ran.map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`));
  } finally {
    rmSync(room, { recursive: true });
  }
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, args, { env, timeout: LONGEST_MS, killSignal: "SIGKILL" });
  let answers = "";
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    answers += chunk;
    if (answers.split("\n").length > 2) child.stdin.end();
  });
  // Of one that has ended its code tells.
  child.stdin.on("error", () => undefined);
  for (const request of REQUESTS) child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...request })}\n`);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0 && answers.includes(`"tools":[`)) resolve();
      else reject(new Error(`a start of the bundle was expected to list its tools, came ${code ?? signal}: ${told}`));
    });
  });
}
