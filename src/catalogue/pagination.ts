import type { Pagination } from "../command/webhook.ts";
import type { Draft } from "./draft.ts";

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const PAGINATION = { items: "", maxPages: 10, parameter: "cursor", first: 1 } as const;

/** Reads `pagination`; null where it is absent or cannot be used. */
export function readPagination(webhook: Draft, method: string): Pagination | null {
  const node = webhook.nodeOf("pagination");
  if (node?.kind !== "mapping") return null;
  const paging = webhook.inside(node);
  const said = (["link", "cursor", "page"] as const).filter((key) => (paging.get(key) ?? false) !== false);
  const [kind] = said;
  if (said.length !== 1 && paging.isSound())
    return paging.error(webhook.at("pagination"), "webhook", "expected one of `link: true`, `cursor` and `page`");
  if (method !== "GET")
    webhook.error(webhook.at("pagination"), "webhook", `only a GET is asked for more pages, came ${method}`);
  for (const [key, needed] of [
    ["parameter", "cursor"],
    ["first", "page"],
  ] as const)
    if (paging.get(key) !== undefined && kind !== needed)
      paging.error(paging.at(key), "webhook", `\`${key}\` goes with \`${needed}\``, "remove it");
  if (kind === undefined) return null;
  return {
    by: readKind(paging, kind),
    items: (paging.get("items") as string | undefined) ?? PAGINATION.items,
    maxPages: (paging.get("max_pages") as number | undefined) ?? PAGINATION.maxPages,
  };
}

function readKind(paging: Draft, kind: Pagination["by"]["kind"]): Pagination["by"] {
  if (kind === "link") return { kind };
  if (kind === "page")
    return {
      kind,
      parameter: paging.text("page"),
      first: (paging.get("first") as number | undefined) ?? PAGINATION.first,
    };
  return { kind, cursor: paging.text("cursor"), parameter: paging.text("parameter") || PAGINATION.parameter };
}
