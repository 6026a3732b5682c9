import { randomUUID } from "node:crypto";
import { Refusal } from "../../base/refusal.ts";
import { statOf } from "../../base/stat.ts";
import type { CallIO } from "../executor.ts";
import { refusalOf } from "./faults.ts";
import type { Ship } from "./fleet.ts";
import type { Janitor } from "./janitor.ts";
import { type Made, make } from "./make.ts";
import type { ContainerPlan, Housing } from "./plan.ts";
import { STUB, STUB_PROCESSES, lostVariables } from "./stub.ts";
import { type Talk, talkWith } from "./talk.ts";

/** A started container whose program waits for a call. */
export interface Standing {
  readonly ship: Ship;
  readonly made: Made;
  readonly talk: Talk;
  /** Which folders and files of the host it has mounted. */
  readonly sources: string;
}

/** Why no container of this housing will ever wait. */
export interface Unfit {
  readonly unfit: string;
}

/** Makes a container that waits. Rejects when that did not work this time, and leaves nothing then. */
export async function stand(
  housing: Housing,
  ship: Ship,
  { janitor, signal }: { readonly janitor: Janitor; readonly signal: AbortSignal },
): Promise<Standing | Unfit> {
  const plan = waitingPlan(housing);
  const sources = sourcesOf(housing);
  const daemon = await ship.daemon();
  const made = await make(plan, { ...SILENT, signal }, { daemon, janitor });
  try {
    const image = await daemon.image(housing.image);
    const lost = image ? lostVariables(image) : [];
    const talk = talkWith(made);
    if (lost.length === 0) {
      await daemon.start(made.id);
      if (await talk.greet(signal)) return { ship, made, talk, sources };
      signal.throwIfAborted();
    }
    const unfit =
      lost.length > 0 ? `a shell does not pass on what the image sets: ${lost.join(", ")}` : await shellFaultOf(made);
    void made.remove();
    return { unfit };
  } catch (error) {
    void made.remove();
    if (isNoShell(refusalOf(error, plan))) return { unfit: NO_SHELL };
    throw error;
  }
}

const SILENT: Omit<CallIO, "signal"> = { doing: ignore, learn: ignore, stdout: ignore, stderr: ignore };

const NO_SHELL = "its image has no shell (`sh`), by which a container waits";
const LOOK_MS = 1000;

/** Rejects where it is not known that there is none. */
async function shellFaultOf({ wait }: Made): Promise<string> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, LOOK_MS, null);
  const end = await Promise.race([wait.ended, late.promise]).finally(() => clearTimeout(timer));
  if (end?.exitCode === 127 || end?.exitCode === 126) return NO_SHELL;
  throw new Error(`its shell did not come up: ${end ? `it ended with ${end.exitCode}` : "it said nothing"}`);
}

function isNoShell(refusal: unknown): boolean {
  return (
    refusal instanceof Refusal && (refusal.code === "program.missing" || refusal.code === "program.not_executable")
  );
}

/** The call of the waiting program: it gets everything else by its stdin. */
function waitingPlan(housing: Housing): ContainerPlan {
  return {
    ...housing,
    executor: "container",
    callId: `warm-${randomUUID()}`,
    argv: ["sh", "-c", STUB, "mcpfier-warm"],
    // For the init, which passes a signal on to the whole process group then.
    env: [{ name: "TINI_KILL_PROCESS_GROUP", value: "1", from: "mcpfier" }],
    stdin: "",
    files: [],
    cwd: housing.workdir,
    hostCwd: null,
    hostProgram: null,
    limits: housing.limits.map((limit) =>
      limit.name === "processes" ? { ...limit, value: limit.value + STUB_PROCESSES } : limit,
    ),
    timeoutMs: 0,
    idleTimeoutMs: null,
    secrets: [],
  };
}

/** A folder that was replaced by one of the same name is another one; containers see the one they were made with. */
export function sourcesOf({ mounts }: Housing): string {
  return mounts
    .map(({ kind, source }) => {
      const found = kind === "bind" ? statOf(source) : undefined;
      return found ? `${found.dev}:${found.ino}` : "";
    })
    .join(" ");
}

function ignore(): void {
  // Nobody waits for this one.
}
