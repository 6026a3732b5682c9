import { setTimeout as sleep } from "node:timers/promises";
import type { Tool } from "@modelcontextprotocol/server";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Kept } from "../catalogue/kept.ts";

/** A page of `tools/list`: the name tells it from all others of the same catalogue. */
export interface Page {
  readonly catalogue: Catalogue;
  readonly name: string;
  make(): Tool[];
}

/** Pages as an earlier start of the same catalogue has encoded them. */
export interface Ready {
  /** What was not kept is made, and is kept once the client has had time to ask for more. */
  tools(page: Page): Tool[];
}

const IDLE_MS = 1000;

/** For the pages of one catalogue; those of all others are made. */
export function createReady(catalogue: Catalogue, kept: Kept): Ready {
  const missed = new Map<string, Page>();

  async function keep(): Promise<void> {
    await sleep(IDLE_MS, undefined, { ref: false });
    for (const { name, make } of missed.values()) {
      kept.write(name, JSON.stringify(make()));
      // Requests that came meanwhile are not kept waiting for all of them.
      await sleep(1, undefined, { ref: false });
    }
    missed.clear();
  }

  return {
    tools: (page) => {
      if (page.catalogue !== catalogue) return page.make();
      const text = kept.read(page.name);
      if (text) return standIn(text);
      if (missed.size === 0) void keep();
      missed.set(page.name, page);
      return page.make();
    },
  };
}

const texts = new WeakMap<object, Buffer>();

/** What is encoded in any other way than by `encoded` is decoded for it. */
function standIn(text: Buffer): Tool[] {
  const tools = Object.assign([], { toJSON: (): unknown => JSON.parse(text.toString()) });
  texts.set(tools, text);
  return tools;
}

/** The line of a message: a text, or parts of which one is a page that is ready, as it is. */
export function encoded(message: object): string | readonly (string | Buffer)[] {
  const { result } = message as { readonly result?: Readonly<Record<string, unknown>> };
  const text = isObject(result?.["tools"]) ? texts.get(result["tools"]) : undefined;
  if (!text) return `${JSON.stringify(message)}\n`;
  const { tools: _tools, ...more } = result ?? {};
  const { result: _result, ...others } = message as { readonly result?: unknown };
  return ['{"result":{"tools":', text, `${continued(more)}${continued(others)}\n`];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The rest of an object that has begun. */
function continued(more: object): string {
  const text = JSON.stringify(more);
  return text === "{}" ? "}" : `,${text.slice(1)}`;
}
