import type { Agent, AgentOptions } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Visitor } from "../base/turns.ts";
import { createTurnstile } from "../base/turnstile.ts";
import { hostOf, portOf } from "./host.ts";

/** Bounds of a pool: connections at once, to one host and to all. */
export interface PoolBounds {
  readonly perHost: number;
  readonly inAll: number;
}

/** Connections that are used again. A request takes a turn, which bounds them, and gives it back when its answer ended. */
export interface Pool {
  /** Resolves with what gives the turn back; rejects with the signal's reason. */
  enter(url: URL, signal: AbortSignal): Promise<() => void>;
  agentFor(url: URL): Agent;
  /** Closes the idle connections to the host: what asks it next does so by a new one. */
  forget(url: URL): void;
  /** Calls back once something can be sent through a connection, before it is. */
  onceOpen(socket: Duplex, url: URL, listener: () => void): void;
  close(): void;
}

/** Services close connections that are idle, most after 5 s and more; a request on its way to a closed one is lost. */
const IDLE_MS = 4000;

interface Visit extends Visitor {
  enter(): void;
}

export function createPool({ perHost, inAll }: PoolBounds): Pool {
  const options: AgentOptions = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: perHost };
  // By `import`, `node:http` would load what Node's own `fetch` needs: 20 ms.
  const plain = new (process.getBuiltinModule("node:http").Agent)(options);
  const tls = new (process.getBuiltinModule("node:https").Agent)(options);
  const agents = [plain, tls];
  const isOpen = new WeakSet<Duplex>();
  watch(plain, "connect", isOpen);
  watch(tls, "secureConnect", isOpen);
  // Node's own bound of all sockets counts idle ones, too, and lets requests to other hosts wait for them.
  const turnstile = createTurnstile<Visit>({
    concurrency: inAll,
    queue: Number.POSITIVE_INFINITY,
    of: () => ({ concurrency: perHost, queue: null }),
  });
  let inside = 0;

  function enter(url: URL, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const visit: Visit = { caller: "", kind: url.host, enter: begin };
      const giveUp = (): void => {
        turnstile.giveUp(visit);
        reject(signal.reason as Error);
      };
      function begin(): void {
        signal.removeEventListener("abort", giveUp);
        inside += 1;
        makeRoom(url);
        // A request closes before its connection is free.
        resolve(() => queueMicrotask(() => leave(visit)));
      }
      if (turnstile.arrive(visit) === "inside") begin();
      else signal.addEventListener("abort", giveUp);
    });
  }

  function leave(visit: Visit): void {
    inside -= 1;
    for (const next of turnstile.leave(visit)) next.enter();
  }

  /** Closes idle connections, the oldest first, for those who are inside, but not the one that a request to this host takes. */
  function makeRoom(url: URL): void {
    const spare = [...idle(agents, url, false), ...idle(agents, url, true).slice(0, -1)];
    for (const socket of spare.slice(0, Math.max(0, inside + spare.length - inAll))) socket.destroy();
  }

  return {
    enter,
    agentFor: ({ protocol }) => (protocol === "https:" ? tls : plain),
    forget: (url) => {
      for (const socket of idle(agents, url, true)) socket.destroy();
    },
    onceOpen: (socket, { protocol }, listener) => {
      if (isOpen.has(socket)) listener();
      else socket.once(protocol === "https:" ? "secureConnect" : "connect", listener);
    },
    close: () => {
      for (const agent of agents) {
        // What is being connected is not kept, either.
        agent.maxFreeSockets = 0;
        agent.destroy();
      }
    },
  };
}

/** The idle connections to the host of this URL, or to all others. */
function idle(agents: readonly Agent[], url: URL, isOwn: boolean): readonly Socket[] {
  // As agents name the connections that they keep.
  const prefix = `${hostOf(url)}:${portOf(url)}:`;
  return agents
    .flatMap(({ freeSockets }) => Object.entries(freeSockets))
    .filter(([name]) => name.startsWith(prefix) === isOwn)
    .flatMap(([, sockets]) => sockets ?? [])
    .filter((socket) => !socket.destroyed);
}

/** Notes which connections are open. One may become so while no request has it, when the one that began it was cancelled. */
function watch(agent: Agent, event: "connect" | "secureConnect", isOpen: WeakSet<Duplex>): void {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = create(options, done);
    socket?.once(event, () => isOpen.add(socket));
    return socket;
  };
}
