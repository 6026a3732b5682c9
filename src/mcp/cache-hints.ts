import type { ServerOptions } from "@modelcontextprotocol/server";

/**
 * How long clients of 2026-07-28 may use an answer again, and nobody but them. The lists follow the catalogue, whose changes are told
 * to who listens; what calls printed, and what resources hold, can be another at once.
 */
const LISTED = { ttlMs: 5000, cacheScope: "private" } as const;
const FRESH = { ttlMs: 0, cacheScope: "private" } as const;

export const CACHE_HINTS: NonNullable<ServerOptions["cacheHints"]> = {
  "server/discover": LISTED,
  "tools/list": LISTED,
  "prompts/list": LISTED,
  "resources/templates/list": LISTED,
  "resources/list": FRESH,
  "resources/read": FRESH,
};
