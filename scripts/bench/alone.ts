// Each row is measured in a process of its own: what a row leaves in a process's memory makes the spawns of the next one dearer.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sweepEngines } from "./containers.ts";
import { SIGNALS } from "./lives.ts";
import type { Entry } from "./record.ts";
import type { Effort, Row } from "./row.ts";
import { sweepRooms } from "./server.ts";

const MEASURE = fileURLToPath(new URL("../bench-row.ts", import.meta.url));

/** What the process is asked for, as JSON in its only argument. */
export interface Order {
  readonly id: string;
  readonly effort: Effort;
  /** Where its servers write their profiles. */
  readonly profile: string | undefined;
}

/** What it says, once. */
export type Said = { readonly entry: Entry } | { readonly fault: string };

let measuring: ChildProcess | undefined;
/** The code to end with once nothing measures. */
let ending: number | undefined;

/** Rejects with what the row says when it cannot be measured. One at a time. */
export async function measureAlone({ id }: Row, effort: Effort, profile?: string): Promise<Entry> {
  const order: Order = { id, effort, profile };
  const child = fork(MEASURE, [JSON.stringify(order)], { execArgv: [] });
  measuring = child;
  let said: Said | undefined;
  child.once("message", (message) => (said = message as Said));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  measuring = undefined;
  if (ending !== undefined) process.exit(ending);
  if (said !== undefined && "fault" in said) throw new Error(said.fault);
  if (said !== undefined && code === 0) return said.entry;
  for (const sweep of [sweepRooms, sweepEngines]) sweep();
  throw new Error(`the process that measured it ended: ${signal ?? `code ${code}`}`);
}

/** Has a signal end what measures, which tidies up, and then this process. */
export function endTogether(): void {
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => {
      ending = code;
      if (measuring === undefined) process.exit(code);
      measuring.kill(signal as NodeJS.Signals);
    });
}
