// The product as the rows start it: the bundle, with a catalogue of its own and caches of its own.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sweep } from "./leftovers.ts";

export const BIN = fileURLToPath(new URL("../../dist/mcpfier.mjs", import.meta.url));
/** Everything that is written is below it; it is made before a row, and removed after it. */
export const ROOM = join(tmpdir(), `mcpfier-bench-${process.pid}-${randomUUID()}`);

/** Removes those of runs that were killed. */
export function sweepRooms(): void {
  sweep(tmpdir(), /^mcpfier-bench-(\d+)-/);
}

export const GIB = 1024 ** 3;
const LINE = "a line of output as a build prints it, of eighty characters or so in its length";

export const PRINTERS = {
  flood: ["sh", "-c", `head -c ${GIB} /dev/zero`],
  flood2: ["sh", "-c", `head -c ${2 * GIB} /dev/zero`],
  lines: ["sh", "-c", `yes "${LINE}" | head -c ${GIB}`],
  /** What the peers are asked for, too. */
  text: ["sh", "-c", `yes "${LINE}" | head -c 100000000`],
} as const;

let profiles: string | undefined;

/** Has every server that is started from now on write a `.cpuprofile` into this folder. */
export function profileInto(folder: string): void {
  profiles = folder;
}

/** Node's arguments for a server. */
export function serve(file: string): readonly string[] {
  return [...(profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`]), BIN, "serve", "-c", file];
}

let rooms = 0;

/** An environment whose caches are empty at first. */
export function caches(): NodeJS.ProcessEnv {
  const path = join(ROOM, `cache-${rooms++}`);
  return { ...process.env, XDG_CACHE_HOME: path, NODE_COMPILE_CACHE: join(path, "node") };
}

/** The file of a catalogue with so many commands: those that the rows call, and searches. */
export function catalogue(count: number): string {
  const file = join(ROOM, `${count}.yaml`);
  const programs = { nothing: ["true"], in_group: ["true"], text_in_group: PRINTERS.text, ...PRINTERS };
  const fixtures = Object.entries(programs).map(([name, run]) => {
    const isolation = name.endsWith("in_group") ? ", isolation: group" : "";
    return `  - { name: ${name}, description: d, run: ${JSON.stringify(run)}, timeout: 5m${isolation} }\n`;
  });
  const others = Array.from({ length: count - fixtures.length }, (_, index) => search(index));
  writeFileSync(file, `commands:\n${[...fixtures, ...others].join("")}`);
  return file;
}

function search(index: number): string {
  return `  - name: search_${index}
    description: Search files under the workspace with a regular expression, number ${index}.
    effect: read
    run: [grep, -rn, "\${{ flags }}", "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern:     { type: string, required: true, description: Regular expression to look for }
      paths:       { type: array, items: { type: path }, within: workspace, default: ["."] }
      ignore_case: { type: boolean, flag: --ignore-case }
      max_count:   { type: integer, minimum: 1, maximum: 500, default: 50, flag: --max-count= }
    ok_exit_codes: [0, 1]
    timeout: 30s
`;
}
