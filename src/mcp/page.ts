import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";

/** What stands in one answer of a list; clients follow `nextCursor`. A message of over 10 MB ends a connection. */
const PAGE = 1000;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Part of the answer, where more follows. */
  readonly next: { readonly nextCursor?: string };
}

/** A cursor is the place of the next item. */
export function pageOf<Item>(all: readonly Item[], cursor: string | undefined): Page<Item> {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0 || cursor === "")
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `"${cursor}" is not a cursor of this server`);
  const end = start + PAGE;
  return { items: all.slice(start, end), next: end < all.length ? { nextCursor: String(end) } : {} };
}
