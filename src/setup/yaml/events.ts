import { EVENT_ID, type Event, getScalarValue, parseEvents } from "js-yaml";
import type { Spot } from "../format.ts";

/** What a document consists of: how it is written, with its text, and what is in it; of a map keys and values in turn. */
interface Part {
  readonly text: string;
  readonly written: string;
  readonly items: readonly Part[];
}

/**
 * All that a document says but for the entry, and for servers of which none is left: by what a parser reports as it goes, so that
 * aliases are not expanded. Throws what the parser does.
 */
export function restOf(text: string, { map: [key = ""], name, isList }: Spot): unknown {
  const root = partOf(text);
  const isOurs = isList
    ? ({ items }: Part): boolean =>
        pairsOf(items).some(([inner, value]) => inner.text === "name" && value.text === name)
    : undefined;
  const others = pairsOf(root?.items ?? []).flatMap(([one, servers]): readonly unknown[] => {
    if (one.text !== key) return [[one, servers]];
    const left = isOurs
      ? servers.items.filter((item) => !isOurs(item))
      : pairsOf(servers.items).filter(([inner]) => inner.text !== name);
    return left.length === 0 ? [] : [[one, servers.written, left]];
  });
  return { written: others.length === 0 ? "" : root?.written, others };
}

function partOf(text: string): Part | undefined {
  const events: readonly Event[] = text.trim() === "" ? [] : parseEvents(text, {});
  let at = 0;

  function next(): Part | undefined {
    const event = events[at++];
    if (!event || event.type === EVENT_ID.POP) return undefined;
    if (event.type === EVENT_ID.DOCUMENT) return next();
    const anchor = text.slice(Math.max(0, event.anchorStart), Math.max(0, event.anchorEnd));
    if (event.type === EVENT_ID.ALIAS) return { text: "", written: `*${anchor}`, items: [] };
    const tag = text.slice(Math.max(0, event.tagStart), Math.max(0, event.tagEnd));
    const written = `${event.type} ${event.style} &${anchor} ${tag}`;
    if (event.type === EVENT_ID.SCALAR) return { text: getScalarValue(text, event), written, items: [] };
    const items: Part[] = [];
    for (let item = next(); item; item = next()) items.push(item);
    return { text: "", written, items };
  }

  return next();
}

function pairsOf(items: readonly Part[]): readonly (readonly [Part, Part])[] {
  return items.flatMap((key, index) => {
    const value = items[index + 1];
    return index % 2 === 0 && value ? [[key, value] as const] : [];
  });
}
