import { Refusal } from "../base/refusal.ts";
import type { Host } from "../base/host.ts";
import type { Command } from "../command/command.ts";
import { enginesOf as namedEngines } from "../command/container.ts";
import { addressKey } from "../containers/address.ts";
import { type Daemon, daemonAt } from "../containers/daemon.ts";
import { EngineFault } from "../containers/fault.ts";
import { locate } from "../containers/locate.ts";

/** An engine that may run commands of the catalogue; one, in however many spellings they name it. */
export interface NeededEngine {
  /** Its address, or what the catalogue calls it where that leads to none; certificates may tell two of one name apart. */
  readonly name: string;
  /** Who says so. */
  readonly from: string;
  /** To be closed; null: there is no such engine. */
  readonly daemon: Daemon | null;
  /** Why there is none. */
  readonly fault: string;
  readonly commands: readonly Command[];
}

/** The engines of these commands; without any, the one that they would have by default. Nothing is asked of them yet. */
export async function enginesOf(commands: readonly Command[], host: Host): Promise<readonly NeededEngine[]> {
  const named = [...new Set(commands.flatMap(engineWords))];
  const found = new Map<string, NeededEngine>();
  for (const word of named.length > 0 ? named : [null]) {
    const engine = await find(word, host);
    const key = engine.daemon ? addressKey(engine.daemon.address) : engine.name;
    const before = found.get(key);
    const some = commands.filter((command) => engineWords(command).includes(word));
    found.set(key, { ...(before ?? engine), commands: [...new Set([...(before?.commands ?? []), ...some])] });
  }
  return [...found.values()];
}

function engineWords({ container }: Command): readonly (string | null)[] {
  return container ? namedEngines(container) : [];
}

async function find(word: string | null, host: Host): Promise<Omit<NeededEngine, "commands">> {
  try {
    const located = await locate(word, host);
    return { name: located.name, from: located.from, daemon: daemonAt(located), fault: "" };
  } catch (error) {
    const [name, from] = word === null ? ["the default engine", "the environment"] : [word, "the catalogue"];
    return { name, from, daemon: null, fault: reasonOf(error) };
  }
}

/** Why an engine did not do something, as a sentence; what is no fault of an engine is thrown on. */
export function reasonOf(error: unknown): string {
  if (error instanceof EngineFault || error instanceof Refusal) return error.message;
  throw error;
}
