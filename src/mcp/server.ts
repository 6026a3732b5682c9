import { Server } from "@modelcontextprotocol/server";
import type { Engine } from "../engine.ts";
import { createPlace } from "../place.ts";
import { type Approvals, approvalsOf, refuseForeign } from "./approvals.ts";
import { CACHE_HINTS } from "./cache-hints.ts";
import { serveResources } from "./catalogue-resources.ts";
import { serveCompletions } from "./completion.ts";
import { keepDefects } from "./defects.ts";
import type { Exchange } from "./exchange.ts";
import { type FollowRequest, followingOf, tellDuring } from "./following.ts";
import { showOwnIcons } from "./icons.ts";
import { tellChanges } from "./listed.ts";
import type { Listening } from "./listening.ts";
import { serveLogging } from "./logging.ts";
import { servePrompts } from "./prompts.ts";
import type { Ready } from "./ready.ts";
import { followRoots } from "./roots.ts";
import { serveSubscriptions } from "./subscriptions.ts";
import { serveTools } from "./tools.ts";

/** What the door that a server stands behind knows, and its messages do not tell. */
export interface ServerDoor {
  /** Of progress; default: 5 s. */
  readonly heartbeatMs?: number;
  /** What users of the newer era have approved; default: those of the engine. */
  readonly approvals?: Approvals;
  /** Where the client listens without the server seeing it. */
  readonly listening?: Listening;
  /** Where pages of tools are ready. */
  readonly ready?: Ready | undefined;
  /** It serves one request, and what changes is told elsewhere. */
  readonly isBrief?: boolean;
  /** Resolves when the client has read what it was sent; default: each answer goes its own way. */
  drained?(): Promise<void>;
  /** The HTTP request that a message came with. */
  exchangeOf?(request: Request | undefined): Exchange | undefined;
}

/** A protocol server for one connection over the engine. */
export function createServer(base: Engine, version: string, door: ServerDoor = {}): Server {
  const place = door.isBrief === true ? undefined : createPlace(base);
  const engine = place?.engine ?? base;
  const approvals = door.approvals ?? approvalsOf(base);
  const { name, title, instructions, icons } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      },
      cacheHints: CACHE_HINTS,
      ...(instructions === "" ? {} : { instructions }),
      requestState: { verify: refuseForeign(approvals) },
    },
  );
  showOwnIcons(server, icons);
  keepDefects(server);
  if (place) followRoots(server, place);
  const wantsLog = serveLogging(server);
  const { heartbeatMs, drained } = door;
  const exchangeOf = (request: Request | undefined): Exchange | undefined => door.exchangeOf?.(request);
  const follow: FollowRequest = (context) =>
    followingOf(context, {
      heartbeatMs,
      wantsLog: wantsLog(context),
      tell: tellDuring(context, exchangeOf(context.http?.req)),
    });
  serveResources(server, engine, { follow, drained });
  servePrompts(server, engine, { follow, approvals });
  serveCompletions(server, engine);
  serveTools(server, engine, { heartbeatMs, approvals, wantsLog, follow, ready: door.ready, exchangeOf });
  if (!place) return server;
  const stops = [
    place.close,
    engine.onReplace((before) => tellChanges(server, before, engine)),
    serveSubscriptions(server, engine, door.listening),
  ];
  // oxlint-disable-next-line prefer-add-event-listener -- the protocol library has no other way
  server.onclose = () => stops.forEach((stop) => stop());
  return server;
}
