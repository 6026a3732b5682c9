import type { Notification, ServerContext } from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Watcher } from "../pipeline/relay.ts";
import type { Exchange } from "./exchange.ts";
import { LOG_LEVEL } from "./logging.ts";
import { createProgress } from "./progress.ts";
import { createStderrLog } from "./stderr-log.ts";

/** What a client is told of a call before its result. */
export interface Following {
  follow(command: Command, callId: () => string): Watcher;
  /** Nothing is told afterwards; undefined: nothing was. */
  end(): Promise<void> | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How what runs for a request is followed. */
export type FollowRequest = (context: ServerContext) => Following;

export interface FollowingOptions {
  /** Default: 5 s. */
  readonly heartbeatMs: number | undefined;
  /** Whether the client takes what commands print on stderr. */
  readonly wantsLog: boolean;
  /** Passes a message on; resolves when the client's side has taken it. */
  tell(message: Notification): Promise<void>;
}

/** Progress where the request has a token for it, and what the command prints on stderr where the client wants that. */
export function followingOf({ mcpReq }: ServerContext, { heartbeatMs, wantsLog, tell }: FollowingOptions): Following {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined && !wantsLog) return UNTOLD;
  const progress =
    progressToken === undefined
      ? undefined
      : createProgress(
          (update) => tell({ method: "notifications/progress", params: { progressToken, ...update } }),
          heartbeatMs,
        );
  const log = wantsLog
    ? createStderrLog((said) => tell({ method: "notifications/message", params: { level: LOG_LEVEL, ...said } }))
    : undefined;
  const end = async (): Promise<void> => void (await Promise.all([progress?.end(), log?.end()]));
  return {
    follow: (command, callId) => {
      const told = progress?.follow(command.progress) ?? NOBODY;
      return log ? both(told, log.follow(command.name, callId)) : told;
    },
    end,
    [Symbol.asyncDispose]: end,
  };
}

/** Tells the client of a request while that is under way. */
export function tellDuring({ mcpReq }: ServerContext, exchange: Exchange | undefined): FollowingOptions["tell"] {
  return async (message) => {
    // A client has forgotten the token of a request that it cancelled.
    if (mcpReq.signal.aborted) return;
    await mcpReq.notify(message);
    // The library's own transport for HTTP takes everything at once, whether the client reads or not.
    await exchange?.drained();
  };
}

/** Neither of the two slows a program down. */
function both(one: Watcher, other: Watcher): Watcher {
  return {
    stdout: (chunk) => {
      void one.stdout(chunk);
      void other.stdout(chunk);
    },
    stderr: (chunk) => {
      void one.stderr(chunk);
      void other.stderr(chunk);
    },
    doing: (...told) => {
      one.doing(...told);
      other.doing(...told);
    },
    reading: (clean) => {
      one.reading(clean);
      other.reading(clean);
    },
    again: () => {
      one.again();
      other.again();
    },
  };
}

const ignore = (): void => undefined;
const NOBODY: Watcher = { stdout: ignore, stderr: ignore, doing: ignore, reading: ignore, again: ignore };
const UNTOLD: Following = {
  follow: () => NOBODY,
  end: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
