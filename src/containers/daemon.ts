import type { Duplex } from "node:stream";
import type { Address } from "./address.ts";
import type { ContainerFacts, DaemonInfo, ImageFacts, Listed, Pids } from "./facts.ts";
import type { Located } from "./locate.ts";

/** One engine. Every call has a deadline of 10 s unless it takes one, and rejects with an `EngineFault` only. */
export interface Daemon {
  readonly name: string;
  readonly address: Address;
  /** Whether it shares this machine's files: its socket is a unix one. */
  readonly isLocal: boolean;
  ping(deadlineMs?: number): Promise<void>;
  /** Asked at most once a minute. */
  info(): Promise<DaemonInfo>;
  /** null: it is not there. */
  image(name: string): Promise<ImageFacts | null>;
  /** Fetches an image; shared by all who ask for it meanwhile, and given up when the last of them has aborted. */
  pull(name: string, tell: (what: string) => void, signal: AbortSignal): Promise<void>;
  /** Takes the JSON that the engine's API takes, and gives the container's id. */
  create(spec: object): Promise<string>;
  /** The raw stream of a container without a terminal: frames come out, stdin goes in, `end()` ends stdin alone. */
  attach(id: string, wantsStdin: boolean): Promise<Duplex>;
  start(id: string): Promise<void>;
  wait(id: string, condition: "next-exit" | "not-running", signal: AbortSignal): Wait;
  /** null: there is none. */
  inspect(id: string, deadlineMs?: number): Promise<ContainerFacts | null>;
  /** null: there is none, or it does not run. */
  stats(id: string): Promise<Pids | null>;
  /** One that is gone, or does not run, is fine. */
  kill(id: string, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** By force, with its volumes; one that is gone, or is being removed, is fine. */
  remove(id: string): Promise<void>;
  /** Those that bear all these labels (`name` or `name=value`), in any state. */
  list(labels: readonly string[]): Promise<readonly Listed[]>;
  /** Ends every connection; what still waits is lost. */
  close(): void;
}

/** A container's end that is being waited for. Both promises may be left alone. */
export interface Wait {
  /** The engine listens for the end from here on; start the container after it. */
  readonly registered: Promise<void>;
  /** Has no deadline; rejects as `lost` the moment the connection is cut, and as `slow` when the signal aborts. */
  readonly ended: Promise<{ readonly exitCode: number }>;
}

/** One daemon per address and life of its owner. */
export function daemonAt(_located: Located): Daemon {
  throw new Error("being written");
}
