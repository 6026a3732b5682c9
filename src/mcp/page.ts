import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";

/** What stands in one answer of a list; clients follow `nextCursor`. A message of over 10 MB ends a connection. */
export const PAGE = 1000;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Part of the answer, where more follows. */
  readonly next: { readonly nextCursor?: string };
}

/** A cursor is the place of the next item. */
export function pageOf<Item>(all: readonly Item[], cursor: string | undefined): Page<Item> {
  const start = Number(cursor ?? 0);
  if (cursor !== undefined && (!/^[1-9]\d{0,8}$/.test(cursor) || start >= all.length))
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `${JSON.stringify(cursor.slice(0, 80))} is no cursor of this list as it is now; begin again without one`,
    );
  const end = start + PAGE;
  return { items: all.slice(start, end), next: end < all.length ? { nextCursor: String(end) } : {} };
}
