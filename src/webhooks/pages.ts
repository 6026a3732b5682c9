import { HookFault } from "./fault.ts";
import { linkIn } from "./link.ts";
import type { PageBody } from "./page.ts";
import { lead } from "./redirect.ts";
import type { HookAnswer, HookRequest } from "./request.ts";

/** How a service tells where the next page is. */
export type Paging =
  /** By a Link header (RFC 8288) of the relation `next`. */
  | { readonly kind: "link" }
  /** The answer's JSON holds a cursor, at a JSON pointer, which goes into a parameter of the query. */
  | { readonly kind: "cursor"; readonly cursor: string; readonly parameter: string }
  /** Pages are numbered; the last is the one without items. */
  | { readonly kind: "page"; readonly parameter: string; readonly first: number };

/** A page as it came. */
export type Page = Pick<HookAnswer, "url" | "headers"> & Pick<PageBody, "items" | "cursor">;

/**
 * The request for the page after this one; null when this is the last, or when the next would be this one again. Throws a
 * `redirect` when the page leads to a host that the request does not allow, or to what is no address. How many pages are asked for
 * is the caller's bound.
 */
export function nextPage(paging: Paging, request: HookRequest, page: Page): HookRequest | null {
  const next = REQUESTS[paging.kind](paging as never, request, page);
  return next === null || next.url === request.url ? null : next;
}

type Requests = {
  readonly [Kind in Paging["kind"]]: (
    paging: Extract<Paging, { kind: Kind }>,
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
  cursor: ({ parameter }, request, { cursor }) => {
    if (cursor === "") return null;
    if (cursor.isWellFormed()) return withParameter(request, parameter, cursor);
    const { origin } = new URL(request.url);
    throw new HookFault("redirect", `${origin} gave a cursor that is no Unicode text; it is not followed`);
  },
  page: ({ parameter, first }, request, { items }) => {
    if (items === null || items.length === 0) return null;
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
