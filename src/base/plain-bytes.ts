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

type State = (byte: number, position: number) => State;

/** Follows the patterns of `plainText`, one byte at a time. */
export function createPlainBytes(keep: (byte: number, position: number) => void): PlainBytes {
  /** Bytes in a row that turn out to be text when what they began is not completed. */
  const open: number[] = [];
  let openFrom = 0;
  let state: State = ground;

  function ground(byte: number, position: number): State {
    if (byte >= 0x20 && byte < 0x7f) keep(byte, position);
    else if (byte === ESC) return escape;
    else if (byte >= 0xc2) {
      hold(byte, position);
      return character;
    } else if (byte >= 0x80 || byte === NEWLINE || byte === 0x09) keep(byte, position);
    return ground;
  }

  function character(byte: number, position: number): State {
    if ((byte & 0xc0) !== 0x80) return giveUp(byte, position);
    const lead = open[0] ?? 0;
    if (lead === C1 && byte < 0xa0) {
      open.length = 0;
      return byte === 0x9b ? parameters : isStringStart(byte) ? string : ground;
    }
    hold(byte, position);
    if (open.length < (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2)) return character;
    if (isUnreadable(Buffer.from(open).toString())) open.length = 0;
    else release();
    return ground;
  }

  function escape(byte: number, position: number): State {
    if (byte === 0x5b) {
      hold(byte, position);
      return parameters;
    }
    // ] P X ^ _
    if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) return string;
    return intermediates(byte, position);
  }

  /** Of an escape that is no CSI. */
  function intermediates(byte: number, position: number): State {
    if (byte >= 0x20 && byte < 0x30 && open.length < LONGEST_SEQUENCE) {
      hold(byte, position);
      return intermediates;
    }
    return byte >= 0x30 && byte < 0x7f && byte !== 0x5b && byte !== 0x5d ? completed() : giveUp(byte, position);
  }

  function parameters(byte: number, position: number): State {
    if (byte < 0x30 || byte > 0x3f || open.length >= LONGEST_SEQUENCE) return finals(byte, position);
    hold(byte, position);
    return parameters;
  }

  function finals(byte: number, position: number): State {
    if (byte >= 0x20 && byte < 0x30 && open.length < LONGEST_SEQUENCE) {
      hold(byte, position);
      return finals;
    }
    return byte >= 0x40 && byte < 0x7f ? completed() : giveUp(byte, position);
  }

  function string(byte: number, position: number): State {
    if (byte === NEWLINE) return ground(byte, position);
    if (byte === ESC) return stringEscape;
    if (byte === C1) return stringC1;
    return byte === BEL ? ground : string;
  }

  function stringEscape(byte: number, position: number): State {
    return byte === 0x5c ? ground : escape(byte, position);
  }

  function stringC1(byte: number, position: number): State {
    if (byte < 0x80 || byte > 0xbf) return string(byte, position);
    return byte === 0x9c ? ground : string;
  }

  function hold(byte: number, position: number): void {
    if (open.length === 0) openFrom = position;
    open.push(byte);
  }

  function completed(): State {
    open.length = 0;
    return ground;
  }

  function giveUp(byte: number, position: number): State {
    release();
    return ground(byte, position);
  }

  function release(): void {
    for (let at = 0; at < open.length; at++) keep(open[at] ?? 0, openFrom + at);
    open.length = 0;
  }

  return {
    take: (byte, position) => void (state = state(byte, position)),
    isIdle: () => state === ground,
    begun: (position) => (open.length === 0 ? position : openFrom),
    end: release,
  };
}

/** DCS, SOS, OSC, PM, APC. */
function isStringStart(byte: number): boolean {
  return byte === 0x90 || byte === 0x98 || (byte >= 0x9d && byte <= 0x9f);
}
