import type { ServerContext } from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Watcher } from "../pipeline/relay.ts";
import type { Exchange } from "./exchange.ts";
import { LOG_LEVEL } from "./logging.ts";
import { type Progress, type Update, createProgress } from "./progress.ts";
import { type Said, type StderrLog, createStderrLog } from "./stderr-log.ts";

/** What a client is told of a call before its result. */
export interface Following {
  follow(command: Command, callId: () => string): Watcher;
  /** Nothing is told afterwards. */
  end(): Promise<void>;
}

export interface FollowingOptions {
  readonly exchange: Exchange | undefined;
  /** Default: 5 s. */
  readonly heartbeatMs: number | undefined;
  /** Whether the client takes what commands print on stderr. */
  readonly wantsLog: boolean;
}

/** Progress where the request has a token for it, and what the command prints on stderr where the client wants that. */
export function followingOf(context: ServerContext, options: FollowingOptions): Following {
  const progress = progressOf(context, options);
  const log = options.wantsLog ? stderrLogOf(context, options) : undefined;
  return {
    follow: (command, callId) => {
      const told = progress?.follow(command.progress) ?? NOBODY;
      return log ? both(told, log.follow(command.name, callId)) : told;
    },
    end: async () => void (await Promise.all([progress?.end(), log?.end()])),
  };
}

function progressOf(context: ServerContext, { exchange, heartbeatMs }: FollowingOptions): Progress | undefined {
  const { mcpReq } = context;
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  // A client has forgotten the token of a request that it cancelled.
  const send = async (update: Update): Promise<void> => {
    if (mcpReq.signal.aborted) return;
    await mcpReq.notify({ method: "notifications/progress", params: { progressToken, ...update } });
    // The library's own transport for HTTP takes everything at once, whether the client reads or not.
    await exchange?.drained();
  };
  return createProgress(send, heartbeatMs);
}

function stderrLogOf({ mcpReq }: ServerContext, { exchange }: FollowingOptions): StderrLog {
  const send = async (said: Said): Promise<void> => {
    if (mcpReq.signal.aborted) return;
    await mcpReq.notify({ method: "notifications/message", params: { level: LOG_LEVEL, ...said } });
    await exchange?.drained();
  };
  return createStderrLog(send);
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
