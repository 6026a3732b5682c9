import { linkIn } from "./link.ts";
import { atPointer } from "./pointer.ts";
import { lead } from "./redirect.ts";
import type { HookAnswer, HookRequest } from "./request.ts";

/** How a service tells where the next page is. */
export type Paging =
  /** By a Link header (RFC 8288) of the relation `next`. */
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
 * The request for the page after this one; null when this is the last, or when the next would be this one again. Throws a
 * `redirect` when a link leads to a host that the request does not allow. How many pages are asked for is the caller's bound.
 */
export function nextPage(paging: Paging, request: HookRequest, page: Page): HookRequest | null {
  const next = REQUESTS[paging.by](paging as never, request, page);
  return next === null || next.url === request.url ? null : next;
}

type Requests = {
  readonly [By in Paging["by"]]: (
    paging: Extract<Paging, { by: By }>,
    request: HookRequest,
    page: Page,
  ) => HookRequest | null;
};

const REQUESTS: Requests = {
  link: (_paging, request, { url, headers }) => {
    const target = linkIn(headers["link"] ?? "", "next");
    // It is relative to where the page came from, which redirects may have changed.
    return target === null ? null : lead(request, URL.parse(target, url)?.href ?? target, new URL(request.url));
  },
  cursor: ({ cursor, parameter }, request, { json }) => {
    const value = atPointer(json, cursor);
    const isNone = value === "" || (typeof value !== "string" && typeof value !== "number");
    return isNone ? null : withParameter(request, parameter, String(value));
  },
  page: ({ parameter, first, items }, request, { json }) => {
    const found = atPointer(json, items);
    if (!Array.isArray(found) || found.length === 0) return null;
    const number = Number(new URL(request.url).searchParams.get(parameter) ?? first);
    return Number.isSafeInteger(number) ? withParameter(request, parameter, String(number + 1)) : null;
  },
};

/** The rest of the query stays as it is written, which a service may have signed, or read in its own way. */
function withParameter(request: HookRequest, name: string, value: string): HookRequest {
  const url = new URL(request.url);
  const others = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && !new URLSearchParams(pair).has(name));
  url.search = [...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join("&");
  return { ...request, url: url.href };
}
