import { readText, strangeFault } from "./exchange.ts";
import { exitCodeIn, parseJson } from "./facts.ts";
import type { Wire } from "./wire.ts";

/** A container's end that is being waited for. Either promise may be left alone. */
export interface Wait {
  /** The engine listens for the end from here on: start the container after it. */
  readonly registered: Promise<void>;
  /** Has no deadline; rejects as `lost` the moment the connection is cut, as `slow` when the signal aborts. */
  readonly ended: Promise<{ readonly exitCode: number }>;
}

export interface WaitFor {
  readonly id: string;
  readonly condition: "next-exit" | "not-running";
  readonly signal: AbortSignal;
  /** Of the registration alone. */
  readonly deadlineMs: number;
}

/** The head of the answer says that the engine listens, its body how the container ended (Engine API, ContainerWait). */
export function waitFor(name: string, wire: Wire, { id, condition, signal, deadlineMs }: WaitFor): Wait {
  const path = `/containers/${id}/wait?condition=${condition}`;
  const head = wire.open({ method: "POST", path, deadlineMs, signal });

  async function end(): Promise<{ readonly exitCode: number }> {
    const answer = await readText(name, await head, signal);
    const exitCode = exitCodeIn(parseJson(answer));
    if (exitCode === null) throw strangeFault(name);
    return { exitCode };
  }

  const ended = end();
  const registered = head.then(() => undefined);
  for (const each of [registered, ended]) each.catch(() => undefined);
  return { registered, ended };
}
