/** A value of JSON, and its first number that cannot be carried as it is written. */
export interface Read {
  readonly value: unknown;
  readonly rounded: string | undefined;
}

/** Reads JSON, and tells when a number loses digits on the way; throws as `JSON.parse` does. */
export function readExactly(text: string): Read {
  // Nothing else can be too long, and to look at each number takes several times as long.
  if (!/[0-9]{16}|[0-9][eE]/.test(text)) return { value: JSON.parse(text) as unknown, rounded: undefined };
  let rounded: string | undefined;
  type Reviver = (key: string, value: unknown) => unknown;
  // The third argument is of ECMAScript 2026, which the types do not know yet.
  const see = (_key: string, value: unknown, { source = "" }: { source?: string }): unknown => {
    if (typeof value === "number" && !isKept(value, source)) rounded ??= source;
    return value;
  };
  return { value: JSON.parse(text, see as Reviver) as unknown, rounded };
}

/** A whole number that is written again as it came has lost nothing; of a fraction, digits beyond a double's are no surprise. */
function isKept(value: number, source: string): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && /[.eE]/.test(source)) || String(value) === source;
}
