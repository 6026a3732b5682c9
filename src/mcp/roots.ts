import { fileURLToPath } from "node:url";
import type { Server, ServerContext } from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";
import { statOf } from "../base/stat.ts";
import { realPath } from "../command/path.ts";
import type { Place } from "../place.ts";
import { AS_IT_IS } from "./as-it-is.ts";
import { INPUT_REQUIRED_SINCE, knows } from "./revision.ts";

type Handler = (request: unknown, context: ServerContext) => unknown;

/** How long a client has to name its roots, while its first request waits. */
const PATIENCE_MS = 5000;

/**
 * Has every handler that is set from here on wait until the catalogue counts that is read for the folder of the client. A client
 * of the older era that offers roots is asked for them by its first request, and again after it said that they are others.
 */
export function followRoots(server: Server, place: Place): void {
  let asked: Promise<void> | undefined;
  /** How often was asked: an older answer that comes late is none. */
  let turns = 0;

  async function ask({ mcpReq }: ServerContext): Promise<void> {
    const turn = ++turns;
    const root = await rootOf(mcpReq);
    if (turn !== turns) return asked;
    // The next request asks again: this one was taken back, and its way to the client with it.
    if (root === null && mcpReq.signal.aborted) asked = undefined;
    return place.turnTo(root);
  }

  /** Undefined: there is nothing to wait for. */
  function settle(context: ServerContext): Promise<void> | undefined {
    if (!place.engine.catalogue().workspace.takesRoots || !offersRoots(server)) return place.settled();
    return (asked ??= ask(context)).then(place.settled);
  }

  server.setNotificationHandler("notifications/roots/list_changed", () => void (asked = undefined));
  const set = server.setRequestHandler.bind(server) as (...words: unknown[]) => void;
  server.setRequestHandler = (...words: unknown[]) => {
    const handler = words.at(-1) as Handler;
    const settled: Handler = (request, context) => {
      const waiting = settle(context);
      return waiting ? waiting.then(() => handler(request, context)) : handler(request, context);
    };
    set(...words.slice(0, -1), settled);
  };
}

/** The first that is a folder of this machine. */
async function rootOf({ send, signal }: ServerContext["mcpReq"]): Promise<string | null> {
  try {
    const { roots } = await send({ method: "roots/list" }, AS_IT_IS, { timeout: PATIENCE_MS });
    const uris = Array.isArray(roots) ? roots.flatMap(uriOf) : [];
    const [root = null] = uris.flatMap((uri) => folderOf(uri) ?? []);
    if (root === null) log.warn({ roots: uris }, "no root of the client is a folder here");
    return root;
  } catch (error) {
    if (!signal.aborted) log.warn({ error }, "a client that offers roots did not name them");
    return null;
  }
}

function uriOf(root: unknown): readonly string[] {
  return typeof root === "object" && root !== null && "uri" in root && typeof root.uri === "string" ? [root.uri] : [];
}

/** Since 2026-07-28 no client is asked for them. */
function offersRoots(server: Server): boolean {
  const revision = server.getNegotiatedProtocolVersion();
  const isModern = revision !== undefined && knows(revision, INPUT_REQUIRED_SINCE);
  return !isModern && server.getClientCapabilities()?.roots !== undefined;
}

/** The real path of a folder of this machine; null for everything else. */
function folderOf(uri: string): string | null {
  try {
    const path = realPath(fileURLToPath(uri));
    return path !== undefined && statOf(path)?.isDirectory() === true ? path : null;
  } catch {
    return null;
  }
}
