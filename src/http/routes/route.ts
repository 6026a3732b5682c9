import type { Exchange } from "../../mcp/exchange.ts";

/** What there is at some paths. */
export interface Route {
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  /** What its answers are, which a client must take. */
  readonly answers: "json" | "events";
  /** Answers a request that was let in; never rejects. */
  serve(exchange: Exchange): Promise<void>;
}
