import { type Find, type Shape, tooMuch } from "./json-find.ts";

/** JSON that is read without making values of it, so that nothing is rounded and little is held. */
export interface Scan {
  /** Reads on to about a place; whether that was all of it. Throws a `NotJson`, and a `HookFault` for what is too much. */
  readTo(place: number): boolean;
}

export class NotJson extends Error {}

/** Deeper values, and longer numbers, are no pages but attempts to exhaust their reader. */
const LEVELS = 512;
const LONGEST_WORD = 4096;

type Awaited = "value" | "item or end" | "key" | "key or end" | "comma or end" | "end";

/** Reads RFC 8259, and tells what it meets. */
export function scanJson(bytes: Buffer, { begin, end, key }: Pick<Find, "begin" | "end" | "key">): Scan {
  const open: Exclude<Shape, "scalar">[] = [];
  let wanted: Awaited = "value";
  let at = 0;

  function enter(shape: Exclude<Shape, "scalar">): void {
    if (open.length === LEVELS) throw tooMuch(`more than ${LEVELS} levels`);
    begin(at, shape);
    open.push(shape);
    at += 1;
    wanted = shape === "list" ? "item or end" : "key or end";
  }

  function leave(shape: Exclude<Shape, "scalar">): void {
    if (open.pop() !== shape) throw new NotJson();
    at += 1;
    finish(shape);
  }

  function finish(shape: Shape): void {
    end(at, shape);
    wanted = open.length === 0 ? "end" : "comma or end";
  }

  function readValue(byte: number): void {
    if (byte === BRACKET) return enter("list");
    if (byte === BRACE) return enter("object");
    begin(at, "scalar");
    at = byte === QUOTE ? endOfString(bytes, at) : endOfWord(bytes, at);
    finish("scalar");
  }

  function readKey(): void {
    const start = at;
    at = endOfString(bytes, at);
    key(start, at);
    at = endOfSpace(bytes, at);
    if (bytes[at++] !== COLON) throw new NotJson();
    wanted = "value";
  }

  function readComma(): void {
    at += 1;
    wanted = open.at(-1) === "list" ? "value" : "key";
  }

  function readOn(byte: number): void {
    const isClosable = wanted !== "value" && wanted !== "key" && wanted !== "end";
    if (isClosable && byte === BRACE + 2) leave("object");
    else if (isClosable && byte === BRACKET + 2) leave("list");
    else if (wanted === "value" || wanted === "item or end") readValue(byte);
    else if (byte === QUOTE && (wanted === "key" || wanted === "key or end")) readKey();
    else if (byte === COMMA && wanted === "comma or end") readComma();
    else throw new NotJson();
  }

  return {
    readTo: (place) => {
      for (at = endOfSpace(bytes, at); at < Math.min(place, bytes.length); at = endOfSpace(bytes, at))
        readOn(bytes[at] ?? 0);
      if (at < bytes.length) return false;
      if (wanted !== "end") throw new NotJson();
      return true;
    },
  };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Their closing signs stand two further. */
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Space, tab, line feed and carriage return (RFC 8259, 2). */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endOfSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[at]) {
    if (byte === undefined || byte < 0x20) throw new NotJson();
    at += byte === BACKSLASH ? lengthOfEscape(bytes, at) : 1;
  }
  return at + 1;
}

function lengthOfEscape(bytes: Buffer, at: number): number {
  const sign = bytes[at + 1] ?? 0;
  if (ESCAPES.has(sign)) return 2;
  if (sign !== LETTER_U || !isHex(bytes.toString("latin1", at + 2, at + 6))) throw new NotJson();
  return 6;
}

const LETTER_U = 0x75;
const ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

function isHex(text: string): boolean {
  return /^[0-9A-Fa-f]{4}$/.test(text);
}

/** A number, or one of the three names. */
function endOfWord(bytes: Buffer, start: number): number {
  let at = start;
  while (isOfWord(bytes[at])) at++;
  if (at - start > LONGEST_WORD) throw tooMuch(`a number of more than ${LONGEST_WORD} signs`);
  const word = bytes.toString("latin1", start, at);
  if (!/^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)$/.test(word)) throw new NotJson();
  return at;
}

const WORD: ReadonlySet<number | undefined> = new Set(Buffer.from("0123456789+-.Eaeflnrstu"));

function isOfWord(byte: number | undefined): boolean {
  return WORD.has(byte);
}
