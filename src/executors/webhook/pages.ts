import { setImmediate as turn } from "node:timers/promises";
import type { Pagination } from "../../command/webhook.ts";
import { HookFault } from "../../webhooks/fault.ts";
import { linesOf, readPage } from "../../webhooks/page.ts";
import { nextPage } from "../../webhooks/pages.ts";
import type { HookAnswer, HookRequest } from "../../webhooks/request.ts";
import type { WebhookPlan } from "./plan.ts";
import { type Settled, isOk } from "./tries.ts";

/** A page is held as a whole before the next one is asked for. */
const LARGEST_PAGE = 8 * 1024 ** 2;

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

/** Writes the items of all pages, as they are written there, as one JSON list, beginning with the page that came; reads their bodies. */
export async function readPages(first: Settled, options: PagesOptions): Promise<Paged> {
  const list = createList(options.write);
  try {
    return await readInto(list, first, options);
  } catch (error) {
    if (error instanceof HookFault) await list.end();
    throw error;
  }
}

async function readInto(
  list: List,
  first: Settled,
  { plan, pagination: { by, items, maxPages }, request, send, write }: PagesOptions,
): Promise<Paged> {
  const cursor = by.kind === "cursor" ? by.cursor : null;
  let settled = first;
  let at = request;
  for (let page = 1; ; page++) {
    const { last } = settled;
    if (last instanceof HookFault || !isOk(last, plan)) {
      await list.end();
      return { settled, isJson: false, note: `page ${page} could not be read; what came before it follows` };
    }
    const body = await wholeOf(last);
    const found = await readPage(body, { items, cursor });
    if (!found.items) {
      const where = `page ${page} has no list at ${items === "" ? "its top" : items}`;
      await (page === 1 ? write(body) : list.end());
      return { settled, isJson: page > 1 || found.isJson, note: `${where}, so that no further page was asked for` };
    }
    await list.add(body, found.items);
    const next = nextPage(by, at, { ...found, url: last.url, headers: last.headers });
    if (next === null || page === maxPages) {
      await list.end();
      const note = next === null ? "" : `there are more pages than the ${maxPages} that were read (\`max_pages\`)`;
      return { settled, isJson: true, note };
    }
    at = next;
    settled = await send(next);
  }
}

interface List {
  add(page: Buffer, items: readonly number[]): Promise<void>;
  /** Closes what was begun. */
  end(): Promise<void>;
}

function createList(write: PagesOptions["write"]): List {
  let isBegun = false;
  let isFollowing = false;

  async function add(page: Buffer, items: readonly number[]): Promise<void> {
    if (!isBegun) await write(Buffer.from("[\n"));
    isBegun = true;
    for (const lines of linesOf(page, items, isFollowing)) {
      await write(lines);
      // Nobody may hold it back, and others have their turn, too.
      await turn();
    }
    isFollowing ||= items.length > 0;
  }
  return { add, end: async () => (isBegun ? write(Buffer.from("\n]\n")) : undefined) };
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
