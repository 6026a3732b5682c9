import type { Host } from "../../base/host.ts";
import { addressKey } from "../../containers/address.ts";
import { type Daemon, daemonAt } from "../../containers/daemon.ts";
import { locate } from "../../containers/locate.ts";

/** An engine that may run a call, and how many calls it runs for us. */
export interface Ship {
  /** As the catalogue names it; null: the one that the environment names. */
  readonly engine: string | null;
  daemon(): Promise<Daemon>;
  /** How many calls of ours it runs. */
  load: number;
  /** When it could not be reached, by `performance.now()`; `NEVER` when it was the last time. */
  failedAt: number;
}

export interface Fleet {
  /** The engines of a call, in the order in which they are tried. */
  order(engines: readonly (string | null)[]): readonly Ship[];
  close(): void;
}

export const NEVER = -Infinity;
/** For how long one that could not be reached is tried last. */
const REST_MS = 10_000;

/** Whether it could not be reached a moment ago. */
export function rests({ failedAt }: Ship): boolean {
  return performance.now() - failedAt < REST_MS;
}

export function createFleet(host: Host): Fleet {
  const ships = new Map<string | null, Ship>();
  const daemons = new Map<string, Daemon>();

  function shipOf(engine: string | null): Ship {
    const known = ships.get(engine);
    if (known) return known;
    const ship: Ship = { engine, load: 0, failedAt: NEVER, daemon: () => daemonOf(engine) };
    ships.set(engine, ship);
    return ship;
  }

  /** Looked for each time: the socket of the default one may move. */
  async function daemonOf(engine: string | null): Promise<Daemon> {
    const located = await locate(engine, host);
    const key = addressKey(located.address);
    const known = daemons.get(key);
    if (known) return known;
    const daemon = daemonAt(located);
    daemons.set(key, daemon);
    return daemon;
  }

  return {
    order: (engines) => engines.map(shipOf).toSorted((a, b) => Number(rests(a)) - Number(rests(b)) || a.load - b.load),
    close: () => daemons.forEach((daemon) => daemon.close()),
  };
}
