import { parseDuration, parseSize } from "../base/units.ts";
import type { Draft } from "./draft.ts";

export interface Bounds {
  readonly least: number;
  readonly most: number;
  /** The bounds as text. */
  readonly said: string;
}

interface Kind {
  readonly noun: string;
  parse(text: string): number | undefined;
}

/** `setTimeout` counts in 31 bits. */
export const ANY_TIME: Bounds = { least: 1, most: 24 * 86_400_000, said: "of more than nothing and at most 24d" };

/** More than any disk holds, and far from where numbers stop being exact. */
export const ANY_SIZE: Bounds = {
  least: 1,
  most: 1e6 * 1024 ** 3,
  said: "of more than nothing and at most 1000000GiB",
};

/** Milliseconds of a key; null when it is absent or was reported. */
export function readDuration(draft: Draft, key: string, bounds: Bounds = ANY_TIME): number | null {
  return readQuantity(draft, key, bounds, { noun: "duration", parse: parseDuration });
}

/** Bytes of a key; null when it is absent or was reported. */
export function readSize(draft: Draft, key: string, bounds: Bounds): number | null {
  return readQuantity(draft, key, bounds, { noun: "size", parse: parseSize });
}

function readQuantity(draft: Draft, key: string, { least, most, said }: Bounds, { noun, parse }: Kind): number | null {
  const text = draft.get(key);
  if (typeof text !== "string") return null;
  const amount = parse(text) ?? 0;
  if (amount >= least && amount <= most) return amount;
  return draft.error(draft.nodeOf(key) ?? draft.node, "bad-value", `expected a ${noun} ${said}, came ${text}`);
}
