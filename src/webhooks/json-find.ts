import { HookFault } from "./fault.ts";

/** Where a value stands in the bytes of a text, the end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Is told what a scan meets, and keeps where the values stand that are looked for. */
export interface Find {
  /** A value begins. */
  begin(at: number, shape: Shape): void;
  /** The value that began last, and has not ended, ends. */
  end(at: number, shape: Shape): void;
  /** Where the key of the next value stands, with its quotes. */
  key(start: number, end: number): void;
  /** The items of the list at the pointer, two numbers each: start and end; null: no list is there. */
  items(): readonly number[] | null;
  /** The value at the other pointer; of a key that stands there twice, the last. */
  cursor(): Span | null;
}

export type Shape = "list" | "object" | "scalar";

/** More are no page but an attempt to exhaust its reader. */
const MOST_ITEMS = 100_000;

/** A pointer (RFC 6901) on its way to its value. */
interface Way {
  readonly keys: readonly string[];
  /** How many of the open lists and objects lead to it. */
  along: number;
}

/** What is open: its index in a list, its key in an object, of which only those on a way are read. */
interface Open {
  readonly isList: boolean;
  index: number;
  key: string;
}

export function findIn(bytes: Buffer, pointers: { readonly items: string; readonly cursor: string | null }): Find {
  const toItems = wayOf(pointers.items);
  const toCursor = pointers.cursor === null ? null : wayOf(pointers.cursor);
  const ways = toCursor ? [toItems, toCursor] : [toItems];
  const open: Open[] = [];
  let items: number[] | null = null;
  let cursor: Span | null = null;
  let itemStart = 0;
  let cursorStart = 0;

  /** Whether the value that begins or ends, with what is open around it, is on a way. */
  function isOn({ keys, along }: Way): boolean {
    const around = open.at(-1);
    if (!around) return true;
    return along === open.length && keys[open.length - 1] === (around.isList ? String(around.index) : around.key);
  }

  function isAt(way: Way): boolean {
    return way.keys.length === open.length && isOn(way);
  }

  function isItem(): boolean {
    return open.length === toItems.keys.length + 1 && toItems.along === open.length && open.at(-1)?.isList === true;
  }

  function begin(at: number, shape: Shape): void {
    const around = open.at(-1);
    if (around) around.index += 1;
    if (isItem()) itemStart = at;
    if (toCursor && isAt(toCursor)) cursorStart = at;
    if (isAt(toItems)) items = shape === "list" ? [] : null;
    if (shape === "scalar") return;
    for (const way of ways) if (way.keys.length >= open.length && isOn(way)) way.along = open.length + 1;
    open.push({ isList: shape === "list", index: -1, key: "" });
  }

  function end(at: number, shape: Shape): void {
    if (shape !== "scalar") open.pop();
    for (const way of ways) way.along = Math.min(way.along, open.length);
    if (isItem()) items?.push(itemStart, at);
    if (items && items.length > 2 * MOST_ITEMS) throw tooMuch(`more than ${MOST_ITEMS} items`);
    if (toCursor && isAt(toCursor)) cursor = { start: cursorStart, end: at };
  }

  function key(start: number, last: number): void {
    const around = open.at(-1);
    if (around && ways.some(({ along }) => along === open.length))
      around.key = JSON.parse(bytes.toString("utf8", start, last)) as string;
  }

  return { begin, end, key, items: () => items, cursor: () => cursor };
}

function wayOf(pointer: string): Way {
  const keys = pointer.split("/").slice(1);
  return { keys: keys.map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~")), along: 0 };
}

/** What is refused of a page. */
export function tooMuch(what: string): HookFault {
  return new HookFault("oversized", `a page has ${what}; ask for smaller pages`);
}
