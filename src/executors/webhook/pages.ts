import type { Pagination } from "../../command/webhook.ts";
import { HookFault } from "../../webhooks/fault.ts";
import { type Paging, nextPage } from "../../webhooks/pages.ts";
import { atPointer } from "../../webhooks/pointer.ts";
import type { HookAnswer, HookRequest } from "../../webhooks/request.ts";
import type { WebhookPlan } from "./plan.ts";
import { type Settled, isOk } from "./tries.ts";

/** A page is read as a whole before the next one is asked for. */
const LARGEST_PAGE = 16 * 1024 ** 2;

export interface PagesOptions {
  readonly plan: WebhookPlan;
  readonly pagination: Pagination;
  readonly request: HookRequest;
  send(request: HookRequest): Promise<Settled>;
  write(chunk: Buffer): Promise<void>;
}

export interface Paged {
  /** What ended it: the last page, or what came in the place of one. */
  readonly settled: Settled;
  readonly isJson: boolean;
  readonly note: string;
}

/** Writes the items of all pages as one JSON list, beginning with the page that came; the body of each is read here. */
export async function readPages(
  first: Settled,
  { plan, pagination, request, send, write }: PagesOptions,
): Promise<Paged> {
  const { items, maxPages } = pagination;
  const paging = pagingOf(pagination);
  let settled = first;
  let at = request;
  for (let page = 1; ; page++) {
    const { last } = settled;
    if (last instanceof HookFault || !isOk(last, plan)) {
      if (page > 1) await write(Buffer.from("\n]\n"));
      return { settled, isJson: false, note: `page ${page} could not be read; what came before it follows` };
    }
    const body = await wholeOf(last);
    const json = parsed(body);
    const found = atPointer(json, items);
    if (!Array.isArray(found)) {
      const where = `page ${page} has no list at ${items === "" ? "its top" : items}`;
      await write(page === 1 ? body : Buffer.from("\n]\n"));
      return {
        settled,
        isJson: page > 1 || json !== undefined,
        note: `${where}, so that no further page was asked for`,
      };
    }
    const lines = found.map((item) => JSON.stringify(item)).join(",\n");
    const isFollowing = page > 1 && lines !== "";
    await write(Buffer.from(`${page === 1 ? "[\n" : ""}${isFollowing ? ",\n" : ""}${lines}`));
    const next = nextPage(paging, at, { url: last.url, headers: last.headers, json });
    if (next === null || page === maxPages) {
      await write(Buffer.from("\n]\n"));
      const note = next === null ? "" : `there are more pages than the ${maxPages} that were read (\`max_pages\`)`;
      return { settled, isJson: true, note };
    }
    at = next;
    settled = await send(next);
  }
}

function pagingOf({ by, items }: Pagination): Paging {
  if (by.kind === "link") return { by: "link" };
  if (by.kind === "cursor") return { by: "cursor", cursor: by.cursor, parameter: by.parameter };
  return { by: "page", parameter: by.parameter, first: by.first, items };
}

async function wholeOf({ body }: HookAnswer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LARGEST_PAGE)
      throw new HookFault("oversized", `a page is larger than ${LARGEST_PAGE / 1024 ** 2} MiB; ask for smaller pages`);
  }
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
