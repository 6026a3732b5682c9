/**
 * The names that a misspelt one may have meant, best first, three at most: those within a Damerau-Levenshtein distance
 * of two, or of 40 % of the length for long names.
 */
export function nearest(name: string, candidates: Iterable<string>): readonly string[] {
  const found: { candidate: string; cost: number }[] = [];
  const most = Math.max(2, Math.floor(name.length * 0.4));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const cost = distance(name.toLowerCase(), candidate.toLowerCase());
    if (cost <= most && cost < Math.max(name.length, candidate.length)) found.push({ candidate, cost });
  }
  found.sort((a, b) => a.cost - b.cost);
  // One that is much farther than the best was hardly meant.
  const best = found[0]?.cost ?? 0;
  return found.flatMap(({ candidate, cost }) => (cost <= best + 1 ? [candidate] : [])).slice(0, 3);
}

/** `did you mean "a" or "b"?`, or the empty string when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const names = nearest(name, candidates).map((candidate) => `"${candidate}"`);
  return names.length === 0 ? "" : `did you mean ${names.join(" or ")}?`;
}

function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
