import { createAlarm } from "../base/alarm.ts";
import { plainText } from "../base/text.ts";
import { number, object, text } from "./facts.ts";

/** Told of a pull: in words, and which share of its bytes is there, from 0 to 1, where that is known. */
export type TellPull = (what: string, share?: number) => void;

/** Makes a line to show of the many that an engine says while it pulls. */
export interface PullReport {
  /** Has what is known told now and from now on, at most three times a second; the answer takes that back. */
  listen(tell: TellPull): () => void;
  take(line: unknown): void;
  /** Tells nothing any more. */
  stop(): void;
}

const TELL_MS = 333;
const DONE = /^(?:Pull complete|Already exists|Download complete|Extracting|Verifying Checksum)/;

interface Layer {
  readonly bytes: number;
  readonly total: number;
}

export function createPullReport(image: string): PullReport {
  const layers = new Map<string, Layer>();
  const tells = new Set<TellPull>();
  let status = "";
  let told = "";
  let toldAt = Number.NEGATIVE_INFINITY;
  const alarm = createAlarm(tellAll);

  function take(line: unknown): void {
    const it = object(line);
    const id = text(it["id"]);
    const what = plainText(text(it["status"])).slice(0, 200);
    const progress = object(it["progressDetail"]);
    const total = number(progress["total"]);
    const known = layers.get(id);
    if (DONE.test(what)) {
      if (known) layers.set(id, { bytes: known.total, total: known.total });
    } else if (total !== null && total > 0) layers.set(id, { bytes: number(progress["current"]) ?? 0, total });
    else status = what;
    const wait = toldAt + TELL_MS - performance.now();
    if (wait > 0) alarm.within(wait);
    else tellAll();
  }

  function tellAll(): void {
    const next = show();
    if (next === told) return;
    told = next;
    toldAt = performance.now();
    for (const tell of tells) tell(told, share());
  }

  function sum(of: keyof Layer): number {
    return [...layers.values()].reduce((total, layer) => total + layer[of], 0);
  }

  function share(): number | undefined {
    const total = sum("total");
    return total > 0 ? sum("bytes") / total : undefined;
  }

  function show(): string {
    const total = sum("total");
    if (total > 0) return `pulling ${image}: ${megabytes(sum("bytes"))} of ${megabytes(total)} MB`;
    return status === "" ? `pulling ${image}` : `pulling ${image}: ${status}`;
  }

  function listen(tell: TellPull): () => void {
    // One and the same function may listen twice.
    const mine: TellPull = (...said) => tell(...said);
    tells.add(mine);
    tell(show(), share());
    return () => tells.delete(mine);
  }
  return { listen, take, stop: alarm.stop };
}

function megabytes(bytes: number): string {
  const size = bytes / 1e6;
  return size < 10 ? size.toFixed(1) : size.toFixed(0);
}
