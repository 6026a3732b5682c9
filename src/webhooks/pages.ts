import type { HookAnswer, HookRequest } from "./request.ts";

/** How a service tells where the next page is. */
export type Paging =
  | { readonly by: "link" }
  /** The answer's JSON holds a cursor, at a JSON pointer, which goes into a parameter of the query. */
  | { readonly by: "cursor"; readonly cursor: string; readonly parameter: string }
  /** Pages are numbered; the last is the one whose items, at a JSON pointer, are none. */
  | { readonly by: "page"; readonly parameter: string; readonly first: number; readonly items: string };

/** A page as it came; `json` is undefined when its body is none. */
export interface Page extends Pick<HookAnswer, "url" | "headers"> {
  readonly json: unknown;
}

/**
 * The request for the page after this one; null when this is the last. Throws a `HookFault` of kind `redirect` when a link leads
 * to a host that the request does not allow.
 */
export declare function nextPage(paging: Paging, request: HookRequest, page: Page): HookRequest | null;
