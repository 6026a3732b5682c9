import { callbackify } from "node:util";
import type Docker from "dockerode";
import { lazy } from "../base/lazy.ts";
import { object, parseJson } from "./facts.ts";
import { EngineFault } from "./fault.ts";
import { strangeFault } from "./exchange.ts";
import type { Wire } from "./wire.ts";

/** Does one thing through dockerode within a deadline; rejects with an `EngineFault` only. */
export type Through = <T>(deadlineMs: number, use: (docker: Docker) => Promise<T>, signal?: AbortSignal) => Promise<T>;

const loadDockerode = lazy(async () => (await import("dockerode")).default);

/**
 * dockerode over a wire of ours, in place of docker-modem, which leaves a question open for ever when its connection is cut
 * within the answer, repeats a container's whole specification, secrets too, in the URL, and obeys DOCKER_HOST in its own way.
 */
export function throughDockerode(name: string, wire: Wire): Through {
  return async (deadlineMs, use, signal) => {
    const Dockerode = await loadDockerode();
    const dial = callbackify((what: Dialled) => answer(wire, what, deadlineMs, signal));
    try {
      return await use(new Dockerode({ modem: { dial } } as object));
    } catch (error) {
      throw error instanceof EngineFault ? error : strangeFault(name);
    }
  };
}

/** What dockerode hands to its modem. */
interface Dialled {
  readonly method: string;
  readonly path: string;
  readonly options?: (Readonly<Record<string, unknown>> & { readonly _query?: object; readonly _body?: object }) | null;
  readonly isStream?: boolean;
  /** Its `key` is the value of X-Registry-Auth. */
  readonly authconfig?: unknown;
}

async function answer(wire: Wire, what: Dialled, deadlineMs: number, signal?: AbortSignal): Promise<unknown> {
  const { _query, _body, authconfig, ...words } = what.options ?? {};
  const key = object(what.authconfig ?? authconfig)["key"];
  const question = {
    method: what.method,
    path: withQuery(what.path, _query ?? words),
    deadlineMs,
    signal,
    ...(_body && { body: JSON.stringify(_body) }),
    ...(typeof key === "string" && { headers: { "X-Registry-Auth": key } }),
  };
  if (what.isStream) return wire.open(question);
  // dockerode takes an answer's words from it without a look.
  return parseJson(await wire.ask(question)) ?? {};
}

function withQuery(path: string, words: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words))
    if (value !== undefined) query.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  const bare = path.replace(/\?$/, "");
  return query.size === 0 ? bare : `${bare}?${query.toString()}`;
}
