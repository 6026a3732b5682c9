import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { isDead } from "../../base/owner.ts";

/** Every container of ours bears it, with the id of the process that owns it. */
export const OWNER = "mcpfier.owner";
/** The id of the call that it is for. */
export const CALL = "mcpfier.call";

/** The container that the owner runs in, if the engine that bears both of them knows it. */
export const HOME = "mcpfier.home";

type Labels = Readonly<Record<string, string>>;

let own: Labels | undefined;

/** Which machine, and which of its boots, an owner's id is of: an engine may serve many machines. */
export function machineLabels(): Labels {
  own ??= { "mcpfier.machine": machine(), "mcpfier.boot": textOf("/proc/sys/kernel/random/boot_id") };
  return own;
}

/**
 * Whether the process that owns a container is certainly gone. Of another machine nothing is known; of an earlier boot of this one
 * nothing runs any more, so that what runs is somebody else's.
 */
export function isAbandoned(labels: Labels, isRunning: boolean): boolean {
  const here = machineLabels();
  if (labels["mcpfier.machine"] !== here["mcpfier.machine"]) return false;
  if (labels["mcpfier.boot"] !== here["mcpfier.boot"]) return !isRunning;
  return isDead(labels[OWNER] ?? "");
}

/** The name as well: copies of a virtual machine share the id. Where there is none, the addresses of the network cards are it. */
function machine(): string {
  const id = textOf("/etc/machine-id") || cards().join();
  return createHash("sha256").update(`${id}\0${hostname()}`).digest("hex").slice(0, 16);
}

function cards(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((card) => card ?? []);
  return [...new Set(all.filter(({ internal }) => !internal).map(({ mac }) => mac))].toSorted();
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}
