const DURATION: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Milliseconds of a duration such as `500ms`, `30s`, `1.5h` or `1m30s`; undefined when the text is not one. */
export function parseDuration(text: string): number | undefined {
  const parts = text.match(/[\d.]+[A-Za-z]+/g) ?? [];
  const amounts = parts.map((part) => parse(part, DURATION));
  if (parts.join("") !== text || text === "" || amounts.includes(undefined)) return undefined;
  return amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
}

/** Bytes of a size such as `32KiB`, `200KB`, `1.5GiB`; undefined when the text is not one. */
export function parseSize(text: string): number | undefined {
  return parse(text, SIZE);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text);
  const name = match?.[2] ?? "";
  const unit = Object.hasOwn(units, name) ? units[name] : undefined;
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}

/** A duration as a catalogue writes it, such as `1m30s`. */
export function writeDuration(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const [unit, each] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(left / each);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * each;
  }
  return parts.join("") || "0s";
}

/** A size in the largest unit that it is a whole number of. */
export function writeSize(bytes: number): string {
  const [unit, each] = (["GiB", "MiB", "KiB", "B"] as const)
    .map((name) => [name, SIZE[name] ?? 1] as const)
    .find(([, size]) => bytes % size === 0) ?? ["B", 1];
  return `${bytes / each}${unit}`;
}
