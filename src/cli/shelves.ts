import { once } from "node:events";
import { ENDING_SIGNALS } from "../base/signals.ts";
import { type NeededEngine, enginesOf } from "./engines.ts";
import { type NeededImage, fetchImage, imagesOn, isWanted } from "./needed-image.ts";
import { openCatalogue } from "./open.ts";
import { type Paint, painter, printable } from "./print.ts";
import { createProgress } from "./progress.ts";
import { type Context, EXIT } from "./verb.ts";
import { padded, widthOf } from "./width.ts";

/** How many are fetched at once. */
const AT_ONCE = 2;

/** Tells of the images that the catalogue needs, and fetches them where that is asked for; gives the exit code. */
export async function tellImages(context: Context, options: Readonly<Record<string, unknown>>): Promise<number> {
  const catalogue = await openCatalogue(context);
  if (!catalogue) return EXIT.fatal;
  const contained = catalogue.commands.filter(({ container }) => container !== null);
  const engines = contained.length === 0 ? [] : await enginesOf(contained, context.host);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  for (const name of ENDING_SIGNALS) process.once(name, stop);
  try {
    const { signal } = abort;
    return await tell(context, {
      engines,
      isPull: options["pull"] === true,
      isJson: options["json"] === true,
      signal,
    });
  } finally {
    for (const name of ENDING_SIGNALS) process.off(name, stop);
    for (const { daemon } of engines) daemon?.close();
  }
}

const NONE = "no command of the catalogue runs in a container\n";

interface Wish {
  readonly engines: readonly NeededEngine[];
  readonly isPull: boolean;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

async function tell(context: Context, { engines, isPull, isJson, signal }: Wish): Promise<number> {
  const interrupt = once(signal, "abort").then(() => null);
  const there = await Promise.race([Promise.all(engines.map(shelfOf)), interrupt]);
  if (!there) return EXIT.interrupted;
  const shelves = isPull ? await fetchAll(context, there, signal) : there;
  const needed = shelves.flatMap(({ images: some }) => some);
  if (isJson) context.stdout.write(`${JSON.stringify(needed, null, 2)}\n`);
  else context.stdout.write(needed.length === 0 ? NONE : show(shelves, painter(context, context.stdout)));
  if (!isPull && needed.some((one) => one.state === "missing" && isWanted(one)))
    context.stderr.write("mcpfier: `mcpfier images --pull` fetches what is missing\n");
  return signal.aborted ? EXIT.interrupted : exitCodeOf(needed);
}

function exitCodeOf(needed: readonly NeededImage[]): number {
  if (needed.some(({ state }) => state === "unknown")) return EXIT.unavailable;
  return needed.every(({ state }) => state === "present" || state === "fetched") ? EXIT.fine : EXIT.findings;
}

/** What the commands of one engine need there. */
interface Shelf {
  readonly engine: NeededEngine;
  readonly images: readonly NeededImage[];
}

async function shelfOf(engine: NeededEngine): Promise<Shelf> {
  return { engine, images: await imagesOn(engine) };
}

async function fetchAll(
  { stderr }: Context,
  shelves: readonly Shelf[],
  signal: AbortSignal,
): Promise<readonly Shelf[]> {
  const progress = createProgress(stderr);
  const found = shelves.map(({ engine, images: some }) => ({ engine, images: [...some] }));
  // The workers share it: each takes the next one.
  const queue = found.flatMap((shelf) => [...shelf.images.entries()].map((entry) => ({ shelf, entry }))).values();

  async function work(): Promise<void> {
    for (const { shelf, entry } of queue) {
      const [index, one] = entry;
      const { daemon } = shelf.engine;
      if (daemon && isWanted(one) && !signal.aborted)
        shelf.images[index] = await fetchImage(one, daemon, { progress, signal });
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
function show(shelves: readonly Shelf[], paint: Paint): string {
  const lines: string[] = [];
  const width = Math.max(...shelves.flatMap(({ images: some }) => some.map(({ image }) => widthOf(image))));
  for (const { engine, images: some } of shelves) {
    lines.push(`${paint("bold", printable(engine.name))} (${printable(engine.from)})`);
    for (const [index, { image, state, id, bytes, commands, problem }] of some.entries()) {
      if (index === 0 && state === "unknown") lines.push(`  ${printable(problem ?? "")}`);
      const [style, sign] = SIGNS[state];
      const facts = id === null ? "" : `  ${shortId(id)}  ${megabytes(bytes ?? 0)}`;
      lines.push(
        `  ${paint(style, sign)} ${padded(image, width)}  ${state.padEnd(7)}${facts}  for ${commands.join(", ")}`,
      );
      if (problem !== null && state !== "unknown") lines.push(`    ${printable(problem)}`);
    }
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
