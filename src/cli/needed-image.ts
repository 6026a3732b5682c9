import type { Command } from "../command/command.ts";
import type { Container } from "../command/container.ts";
import type { Daemon } from "../containers/daemon.ts";
import { type NeededEngine, reasonOf } from "./engines.ts";
import type { Progress } from "./progress.ts";

/**
 * An image that commands need, on one engine. `fetched`: it was missing, or may have changed, and is there now; `unknown`: its
 * engine cannot be asked.
 */
export interface NeededImage {
  readonly image: string;
  readonly engine: string;
  /** Who named the engine. */
  readonly from: string;
  readonly commands: readonly string[];
  readonly pull: readonly Container["pull"][];
  readonly state: "present" | "missing" | "fetched" | "failed" | "unknown";
  readonly id: string | null;
  readonly bytes: number | null;
  /** Why it is not there; null: it is, or nobody has tried to fetch it. */
  readonly problem: string | null;
}

const PING_MS = 5000;

/** What is there of that which the commands of an engine need, in their order. */
export async function imagesOn(engine: NeededEngine): Promise<readonly NeededImage[]> {
  const { name, from, daemon, commands } = engine;
  const fault = daemon ? await faultOf(daemon) : engine.fault;
  const names = [...new Set(commands.flatMap(({ container }) => (container ? [container.image] : [])))];
  const found: NeededImage[] = [];
  for (const image of names) {
    const users = commands.filter(({ container }) => container?.image === image);
    const needed = { image, engine: name, from, commands: users.map((each) => each.name), pull: policiesOf(users) };
    const seen: Seen = daemon && fault === null ? await see(daemon, image) : { ...UNSEEN, problem: fault };
    found.push({ ...needed, ...forbidden(needed, seen) });
  }
  return found;
}

async function faultOf(daemon: Daemon): Promise<string | null> {
  try {
    await daemon.ping(PING_MS);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

function policiesOf(commands: readonly Command[]): readonly Container["pull"][] {
  return [...new Set(commands.flatMap(({ container }) => (container ? [container.pull] : [])))];
}

type Seen = Pick<NeededImage, "state" | "id" | "bytes" | "problem">;

const UNSEEN: Seen = { state: "unknown", id: null, bytes: null, problem: null };

async function see(daemon: Daemon, image: string): Promise<Seen> {
  try {
    const facts = await daemon.image(image);
    if (!facts) return { ...UNSEEN, state: "missing" };
    return { state: "present", id: facts.id, bytes: facts.bytes, problem: null };
  } catch (error) {
    return { ...UNSEEN, problem: reasonOf(error) };
  }
}

function forbidden({ pull, commands }: Pick<NeededImage, "pull" | "commands">, seen: Seen): Seen {
  if (seen.state !== "missing" || pull.some((each) => each !== "never")) return seen;
  const problem = `\`pull: never\` of ${commands.join(", ")} forbids to fetch it: build or load it on that engine`;
  return { ...seen, problem };
}

/** Whether `--pull` fetches it: what is missing, or has to be fetched before each call. A name that nobody fetches may be anybody's elsewhere. */
export function isWanted({ state, pull }: NeededImage): boolean {
  return state === "missing" ? pull.some((each) => each !== "never") : state === "present" && pull.includes("always");
}

/** Fetches an image; when the signal aborts, what was known of it stands. */
export async function fetchImage(
  needed: NeededImage,
  daemon: Daemon,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<NeededImage> {
  const { image, engine } = needed;
  const line = progress.begin();
  try {
    await daemon.pull(image, line.tell, signal);
  } catch (error) {
    if (signal.aborted) {
      line.end();
      return needed;
    }
    const problem = `it could not be fetched: ${reasonOf(error)}`;
    line.end(`${image} could not be fetched by ${engine}`);
    return { ...needed, state: "failed", problem };
  }
  const seen = await see(daemon, image);
  line.end(`${image} was fetched by ${engine}`);
  if (seen.state === "present") return { ...needed, ...seen, state: "fetched" };
  return { ...needed, ...seen, state: "failed", problem: seen.problem ?? "it was fetched, and is not there" };
}
