// What the product is measured against: the least that does the same.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRINTERS, ROOM } from "./server.ts";
import { type Opening, listAll, open } from "./session.ts";

/** A bare script that serves by hand the same bytes as a server. */
export async function bareScript(server: Opening): Promise<string> {
  const session = open(server);
  const hello = await session.hello;
  const pages = await listAll(session);
  await session.end();
  const answers = join(ROOM, "answers.json");
  writeFileSync(answers, JSON.stringify({ hello, pages }));
  const script = join(ROOM, "bare.mjs");
  writeFileSync(
    script,
    `import { readFileSync } from "node:fs";
const { hello, pages } = JSON.parse(readFileSync(${JSON.stringify(answers)}, "utf8"));
let page = 0, rest = "";
process.stdin.setEncoding("utf8").on("data", (chunk) => {
  const lines = (rest + chunk).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (line.includes("tools/list")) process.stdout.write(pages[page++ % pages.length] + "\\n");
    else if (line.includes('"initialize"')) process.stdout.write(hello + "\\n");
    else if (line.includes("tools/call")) {
      const { id, params } = JSON.parse(line);
      const content = [{ type: "text", text: "There is no " + params.name }];
      process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: { content, isError: true } }) + "\\n");
    }
  }
});
`,
  );
  return script;
}

export function direct(): Promise<void> {
  return spawned("/bin/true", []);
}

export function directInNamespace(): Promise<void> {
  const box = ["--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--die-with-parent", "--", "/bin/true"];
  return spawned("bwrap", box);
}

function spawned(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], detached: true })
      .once("close", () => resolve())
      .once("error", reject);
  });
}

/** The same bytes as a command prints, read by hand: counted, or split into lines. */
export function read(name: keyof typeof PRINTERS): Promise<void> {
  const [file, ...args] = PRINTERS[name];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] });
  let count = 0;
  let latest = "";
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (name !== "lines") {
      count += chunk.length;
      return;
    }
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    count += parts.length;
    latest = parts.at(-1) ?? latest;
  });
  return new Promise((resolve) => {
    child.once("close", () => resolve());
  });
}
