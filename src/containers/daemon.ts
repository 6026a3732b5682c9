import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { Address } from "./address.ts";
import { type Entry, entryAt } from "./archive.ts";
import { throughDockerode } from "./docker.ts";
import { strangeFault } from "./exchange.ts";
import {
  type ContainerFacts,
  type DaemonInfo,
  type ImageFacts,
  type Listed,
  containerIn,
  imageIn,
  infoIn,
  listedIn,
  pidsIn,
} from "./facts.ts";
import { EngineFault } from "./fault.ts";
import type { Located } from "./locate.ts";
import { type PullBounds, createPulls } from "./pull.ts";
import type { TellPull } from "./pull-report.ts";
import { reach } from "./reach.ts";
import { type Wait, waitFor } from "./wait.ts";
import { createWire } from "./wire.ts";

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
  pull(name: string, tell: TellPull, signal: AbortSignal): Promise<void>;
  /** Takes the JSON that the engine's API takes, and gives the container's id. */
  create(spec: object): Promise<string>;
  /** The raw stream of a container without a terminal: frames come out, stdin goes in, `end()` ends stdin alone. */
  attach(id: string, wantsStdin: boolean): Promise<Duplex>;
  start(id: string): Promise<void>;
  wait(id: string, condition: "next-exit" | "not-running", signal: AbortSignal): Wait;
  /** null: there is none. */
  inspect(id: string, deadlineMs?: number): Promise<ContainerFacts | null>;
  /** What stands at a path inside, also where it never started; null: nothing does. */
  file(id: string, path: string): Promise<Entry | null>;
  /** How many processes it has; null: there is none, or it does not run. */
  processes(id: string): Promise<number | null>;
  /** One that is gone, or does not run, is fine. */
  kill(id: string, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** By force, with its volumes; one that is gone, or is being removed, is fine. */
  remove(id: string): Promise<void>;
  /** Those that bear all these labels (`name` or `name=value`), in any state. */
  list(labels: readonly string[]): Promise<readonly Listed[]>;
  /** Ends every connection; what still waits is lost. */
  close(): void;
}

/** How long each thing may take. */
export interface DaemonBounds extends PullBounds {
  readonly callMs: number;
}

const BOUNDS: DaemonBounds = { callMs: 10_000, silentPullMs: 60_000, pullMs: 15 * 60_000 };
const INFO_MS = 60_000;

/** One daemon per address and life of its owner. Nothing is opened before the first call. */
export function daemonAt(located: Located, bounds: DaemonBounds = BOUNDS): Daemon {
  const { name, address } = located;
  const isLocal = address.kind === "unix";
  // On this machine a new connection costs 0.2 ms; a channel of SSH does not tell whom it waits for in vain that it broke.
  const wire = createWire(name, reach(located), address.kind === "tcp");
  const through = throughDockerode(name, wire);
  const info = remembered(INFO_MS, () => call(async (docker) => infoIn(await docker.info())));

  function call<T>(use: (docker: Docker) => Promise<T>, deadlineMs = bounds.callMs): Promise<T> {
    return through(deadlineMs, use);
  }

  async function ping(deadlineMs?: number): Promise<void> {
    await call((docker) => docker.ping(), deadlineMs);
  }

  async function create(spec: object): Promise<string> {
    const { id } = await call((docker) => docker.createContainer({ _query: {}, _body: spec } as object));
    // It stands in the paths of all further questions.
    if (!/^[\da-f]{12,64}$/.test(id)) throw strangeFault(name);
    return id;
  }

  function attach(id: string, wantsStdin: boolean): Promise<Duplex> {
    // Not by dockerode: it sends its options as a body too, which Podman gives to the container's stdin.
    const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1${wantsStdin ? "&stdin=1" : ""}`;
    return wire.hijack({ method: "POST", path, deadlineMs: bounds.callMs });
  }

  return {
    name,
    address,
    isLocal,
    ping,
    info,
    image: (image) =>
      unless([404], null, () => call(async (docker) => imageIn(await docker.getImage(image).inspect()))),
    pull: createPulls(located, through, bounds),
    create,
    attach,
    start: (id) => call(async (docker) => void (await docker.getContainer(id).start())),
    wait: (id, condition, signal) => waitFor(name, wire, { id, condition, signal, deadlineMs: bounds.callMs }),
    inspect: (id, deadlineMs) =>
      unless([404], null, () =>
        call(async (docker) => containerIn(await docker.getContainer(id).inspect()), deadlineMs),
      ),
    file: (id, path) => entryAt(name, wire, { id, path, deadlineMs: bounds.callMs }),
    processes: (id) =>
      unless([404], null, () => call(async (docker) => pidsIn(await docker.getContainer(id).stats(ONCE)))),
    kill: (id, signal) =>
      unless(GONE, undefined, () =>
        call(async (docker) => void (await docker.getContainer(id).kill({ signal }))).catch(unlessStopped),
      ),
    remove: (id) =>
      unless(GONE, undefined, () => call(async (docker) => void (await docker.getContainer(id).remove(BY_FORCE)))),
    list: (labels) =>
      call(async (docker) => listedIn(await docker.listContainers({ all: true, filters: { label: [...labels] } }))),
    close: wire.close,
  };
}

/** Podman before 4.9 has a 500 for what Docker calls a conflict. */
function unlessStopped(error: unknown): void {
  const isStopped = error instanceof EngineFault && error.status === 500 && /state improper/.test(error.message);
  if (!isStopped) throw error;
}

/** It is not there, or not in the state for that. */
const GONE = [404, 409];
const BY_FORCE = { force: true, v: true };
// Engines before API 1.41 do not know `one-shot`, and take a second.
const ONCE = { stream: false, "one-shot": true } as const;

/** Takes some denials for an answer. */
async function unless<T>(statuses: readonly number[], instead: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof EngineFault && error.status !== null && statuses.includes(error.status)) return instead;
    throw error;
  }
}

/** Asks again only when the last good answer is older than that. */
function remembered<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | null = null;
  let askedAt = 0;
  return () => {
    if (last && performance.now() - askedAt < ms) return last;
    askedAt = performance.now();
    const asked = ask();
    last = asked;
    asked.catch(() => {
      if (last === asked) last = null;
    });
    return asked;
  };
}
