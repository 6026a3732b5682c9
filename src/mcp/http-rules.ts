import type { Exchange } from "./exchange.ts";
import { BATCHES_IN, POLLED_SINCE, knows } from "./revision.ts";

/** What may be asked of a session over HTTP, as it was settled at its beginning. */
export interface HttpRules {
  /** Why what is posted is refused. */
  postFault(posted: Posted): string | undefined;
  /**
   * Why a request is, whatever its method: it names a revision that has no sessions. One should name that of its session, but need
   * not, and the official referee names an older one.
   */
  revisionFault(exchange: Exchange): string | undefined;
  /** Whether the client comes back for a stream that is closed before it is over. */
  isPolled(): boolean;
  setSupported(versions: readonly string[]): void;
  setRevision(settled: string): void;
}

export interface Posted {
  readonly exchange: Exchange;
  readonly isBatch: boolean;
  readonly isOpening: boolean;
}

export function createHttpRules(): HttpRules {
  let supported: readonly string[] = [];
  let revision: string | undefined;
  let isBegun = false;

  function postFault({ exchange, isBatch, isOpening }: Posted): string | undefined {
    if (isBatch && revision !== BATCHES_IN) return NO_BATCHES;
    if (!isOpening) return revisionFault(exchange);
    if (isBegun || isBatch) return BEGUN;
    isBegun = true;
    return undefined;
  }

  function revisionFault({ request }: Exchange): string | undefined {
    const named = request.headers.get("mcp-protocol-version");
    if (named === null || supported.includes(named)) return undefined;
    return `mcp-protocol-version: expected ${supported.join(" or ")} in a session, came "${named.slice(0, 80)}"`;
  }

  return {
    postFault,
    revisionFault,
    isPolled: () => knows(revision, POLLED_SINCE),
    setSupported: (versions) => void (supported = versions),
    setRevision: (settled) => void (revision = settled),
  };
}

const NO_BATCHES = `only revision ${BATCHES_IN} of the protocol has batches; send each message by itself`;
const BEGUN = "this session has begun already; send initialize by itself and without an mcp-session-id for another one";
