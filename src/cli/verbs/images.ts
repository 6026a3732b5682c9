import { ENDING_SIGNALS } from "../../base/signals.ts";
import { type NeededEngine, enginesOf } from "../engines.ts";
import { type NeededImage, fetchImage, imagesOn, isWanted } from "../needed-image.ts";
import { openCatalogue } from "../open.ts";
import { type Paint, painter, printable } from "../print.ts";
import { createProgress } from "../progress.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

/** How many are fetched at once. */
const AT_ONCE = 2;

export const images: Verb = {
  name: "images",
  summary: "tell which container images the catalogue needs, and whether its engines have them",
  example: "mcpfier images --pull",
  declare: (parser) => {
    parser.option("--pull", "fetch those that are missing, and those with `pull: always`");
    parser.option("--json", "print them as JSON");
  },
  run: async (context, _words, options) => {
    const catalogue = await openCatalogue(context);
    if (!catalogue) return EXIT.fatal;
    const contained = catalogue.commands.filter(({ container }) => container !== null);
    const engines = contained.length === 0 ? [] : await enginesOf(contained, context.host);
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    for (const name of ENDING_SIGNALS) process.once(name, stop);
    let needed = (await Promise.all(engines.map(imagesOn))).flat();
    if (options["pull"] === true) needed = await fetchAll(context, { engines, needed, signal: abort.signal });
    for (const { daemon } of engines) daemon?.close();
    if (options["json"] === true) context.stdout.write(`${JSON.stringify(needed, null, 2)}\n`);
    else context.stdout.write(needed.length === 0 ? NONE : show(needed, painter(context, context.stdout)));
    if (options["pull"] !== true && needed.some((one) => one.state === "missing" && isWanted(one)))
      context.stderr.write("mcpfier: `mcpfier images --pull` fetches what is missing\n");
    if (abort.signal.aborted) return EXIT.interrupted;
    return exitCodeOf(needed);
  },
};

const NONE = "no command of the catalogue runs in a container\n";

function exitCodeOf(needed: readonly NeededImage[]): number {
  if (needed.some(({ state }) => state === "unknown")) return EXIT.unavailable;
  return needed.every(({ state }) => state === "present" || state === "fetched") ? EXIT.fine : EXIT.findings;
}

interface Order {
  readonly engines: readonly NeededEngine[];
  readonly needed: readonly NeededImage[];
  readonly signal: AbortSignal;
}

async function fetchAll({ stderr }: Context, { engines, needed, signal }: Order): Promise<NeededImage[]> {
  const progress = createProgress(stderr);
  const found = [...needed];
  // The workers share it: each takes the next one.
  const queue = needed.entries();

  async function work(): Promise<void> {
    for (const [index, one] of queue) {
      const daemon = engines.find(({ name }) => name === one.engine)?.daemon;
      if (daemon && isWanted(one) && !signal.aborted)
        found[index] = await fetchImage(one, daemon, { progress, signal });
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

const SIGNS = {
  present: ["green", "✔"],
  fetched: ["green", "✔"],
  missing: ["red", "✖"],
  failed: ["red", "✖"],
  unknown: ["yellow", "?"],
} as const;

/** By engine, a line for each image. */
function show(needed: readonly NeededImage[], paint: Paint): string {
  const lines: string[] = [];
  const width = Math.max(...needed.map(({ image }) => image.length));
  for (const [index, one] of needed.entries()) {
    const { image, engine, from, state, id, bytes, commands, problem } = one;
    if (needed[index - 1]?.engine !== engine) {
      lines.push(`${paint("bold", printable(engine))} (${printable(from)})`);
      if (state === "unknown") lines.push(`  ${printable(problem ?? "")}`);
    }
    const [style, sign] = SIGNS[state];
    const facts = id === null ? "" : `  ${shortId(id)}  ${megabytes(bytes ?? 0)}`;
    lines.push(
      `  ${paint(style, sign)} ${image.padEnd(width)}  ${state.padEnd(7)}${facts}  for ${commands.join(", ")}`,
    );
    if (problem !== null && state !== "unknown") lines.push(`    ${printable(problem)}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** As the engines' own programs show it. */
function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).padStart(7)} MB`;
}
