import type { Hooks } from "./request.ts";
import { type TokenClient, type TokenSource, createTokenSource } from "./token.ts";

/** A catalogue that is edited brings other clients again and again. */
const MOST = 256;

/** The source of each client, the same for all who are it; of those that were used longest ago it keeps none. */
export function createTokenSources(hooks: Hooks, most = MOST): (client: TokenClient) => TokenSource {
  const sources = new Map<string, TokenSource>();
  return (client) => {
    const key = JSON.stringify(client);
    const source = sources.get(key) ?? createTokenSource(hooks, client);
    // A map is in the order of its insertions.
    sources.delete(key);
    sources.set(key, source);
    for (const eldest of sources.keys()) {
      if (sources.size <= most) break;
      sources.delete(eldest);
    }
    return source;
  };
}
