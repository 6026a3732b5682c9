import type { Exchange } from "./exchange.ts";
import { BATCHES_IN } from "./revision.ts";

/** What may be asked of a session over HTTP, as it was settled at its beginning. */
export interface HttpRules {
  /** Why what is posted is refused. */
  postFault(posted: Posted): string | undefined;
  /** Why a request is, whatever its method: it names another revision than that of the session. */
  revisionFault(exchange: Exchange): string | undefined;
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
    const expected = revision === undefined ? supported : [revision];
    if (named === null || expected.includes(named)) return undefined;
    return `mcp-protocol-version: expected ${expected.join(" or ")}, as the session was begun, came "${named.slice(0, 80)}"`;
  }

  return {
    postFault,
    revisionFault,
    setSupported: (versions) => void (supported = versions),
    setRevision: (settled) => void (revision = settled),
  };
}

const NO_BATCHES = `only revision ${BATCHES_IN} of the protocol has batches; send each message by itself`;
const BEGUN = "this session has begun already; send initialize by itself and without an mcp-session-id for another one";
