import { isUnreadable } from "./text.ts";

/** A longer CSI sequence counts as text. */
const LONGEST_SEQUENCE = 4096;
const ESC = 0x1b;
const BEL = 0x07;
const NEWLINE = 0x0a;
/** The lead byte of the control characters C1. */
const C1 = 0xc2;

/** Tells which bytes of a stream of UTF-8 are left when `plainText` has made it readable. */
export interface PlainBytes {
  take(byte: number, position: number): void;
  /** No sequence and no character is begun. */
  isIdle(): boolean;
  /** From where on bytes are undecided that may still count as text; `position` when there are none. */
  begun(position: number): number;
  /** The stream has ended: what is undecided is text. */
  end(): void;
}

/** Follows the patterns of `plainText`, one byte at a time. */
export function createPlainBytes(keep: (byte: number, position: number) => void): PlainBytes {
  const open = createOpen(keep);
  let state: State = ground;
  return {
    take: (byte, position) => void (state = state(byte, position, open)),
    isIdle: () => state === ground,
    begun: (position) => open.from() ?? position,
    end: open.release,
  };
}

/** Bytes in a row that turn out to be text when what they began is not completed. */
interface Open {
  keep(byte: number, position: number): void;
  hold(byte: number, position: number): void;
  release(): void;
  drop(): void;
  readonly bytes: readonly number[];
  from(): number | undefined;
}

function createOpen(keep: (byte: number, position: number) => void): Open {
  const bytes: number[] = [];
  let first = 0;

  function hold(byte: number, position: number): void {
    if (bytes.length === 0) first = position;
    bytes.push(byte);
  }

  function drop(): void {
    bytes.length = 0;
  }

  function release(): void {
    for (let at = 0; at < bytes.length; at++) keep(bytes[at] ?? 0, first + at);
    drop();
  }
  return { keep, hold, release, drop, bytes, from: () => (bytes.length === 0 ? undefined : first) };
}

type State = (byte: number, position: number, open: Open) => State;

function ground(byte: number, position: number, open: Open): State {
  if (byte >= 0x20 && byte < 0x7f) open.keep(byte, position);
  else if (byte === ESC) return escape;
  else if (byte >= 0xc2) {
    open.hold(byte, position);
    return character;
  } else if (byte >= 0x80 || byte === NEWLINE || byte === 0x09) open.keep(byte, position);
  return ground;
}

function character(byte: number, position: number, open: Open): State {
  if ((byte & 0xc0) !== 0x80) return giveUp(byte, position, open);
  const lead = open.bytes[0] ?? 0;
  if (lead === C1 && byte < 0xa0) {
    open.drop();
    return byte === 0x9b ? parameters : isStringStart(byte) ? string : ground;
  }
  open.hold(byte, position);
  if (open.bytes.length < (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2)) return character;
  if (isUnreadable(Buffer.from(open.bytes).toString())) open.drop();
  else open.release();
  return ground;
}

function escape(byte: number, position: number, open: Open): State {
  if (byte === 0x5b) {
    open.hold(byte, position);
    return parameters;
  }
  // ] P X ^ _
  if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) return string;
  return intermediates(byte, position, open);
}

/** Of an escape that is no CSI. */
function intermediates(byte: number, position: number, open: Open): State {
  if (byte >= 0x20 && byte < 0x30 && open.bytes.length < LONGEST_SEQUENCE) {
    open.hold(byte, position);
    return intermediates;
  }
  return byte >= 0x30 && byte < 0x7f && byte !== 0x5b && byte !== 0x5d ? completed(open) : giveUp(byte, position, open);
}

function parameters(byte: number, position: number, open: Open): State {
  if (byte < 0x30 || byte > 0x3f || open.bytes.length >= LONGEST_SEQUENCE) return finals(byte, position, open);
  open.hold(byte, position);
  return parameters;
}

function finals(byte: number, position: number, open: Open): State {
  if (byte >= 0x20 && byte < 0x30 && open.bytes.length < LONGEST_SEQUENCE) {
    open.hold(byte, position);
    return finals;
  }
  return byte >= 0x40 && byte < 0x7f ? completed(open) : giveUp(byte, position, open);
}

function string(byte: number, position: number, open: Open): State {
  if (byte === NEWLINE) return ground(byte, position, open);
  if (byte === ESC) return stringEscape;
  if (byte === C1) return stringC1;
  return byte === BEL ? ground : string;
}

function stringEscape(byte: number, position: number, open: Open): State {
  return byte === 0x5c ? ground : escape(byte, position, open);
}

function stringC1(byte: number, position: number, open: Open): State {
  if (byte < 0x80 || byte > 0xbf) return string(byte, position, open);
  return byte === 0x9c ? ground : string;
}

function completed(open: Open): State {
  open.drop();
  return ground;
}

function giveUp(byte: number, position: number, open: Open): State {
  open.release();
  return ground(byte, position, open);
}

/** DCS, SOS, OSC, PM, APC. */
function isStringStart(byte: number): boolean {
  return byte === 0x90 || byte === 0x98 || (byte >= 0x9d && byte <= 0x9f);
}
