import { measureAlone } from "./alone.ts";
import { readRecord } from "./record.ts";
import { type Effort, type Figure, type Row, isGain } from "./row.ts";
import { short } from "./text.ts";

/** How much worse than recorded is a failure. */
const SLACK = 1.25;
/** A machine that others use too can make anything look worse a few times. */
const TRIES = 5;

/** Measures some rows, and tells where their steady figures are worse than those recorded; the code to end with. */
export async function compare(chosen: readonly Row[], effort: Effort): Promise<number> {
  const record = readRecord();
  const worse: string[] = [];
  let failed = 0;
  for (const row of chosen)
    try {
      worse.push(...(await compareRow(row, steady(record[row.id]?.figures ?? []), effort)));
    } catch (error) {
      failed++;
      console.error(`${row.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  if (worse.length > 0) {
    console.log(`worse by more than a quarter than docs/performance.json:\n${worse.join("\n")}`);
    console.log("If that is meant, record it on a quiet machine: npm run bench -- --write");
  }
  return worse.length + failed === 0 ? 0 : 1;
}

/** The lines of those that are worse. */
async function compareRow(row: Row, recorded: readonly Figure[], effort: Effort): Promise<string[]> {
  if (recorded.length === 0) console.log(`${row.id}: nothing is recorded`);
  const { last, tries } = await settle(recorded, async () => (await measureAlone(row, effort)).figures);
  return last.flatMap(({ was, is }) => {
    const line = `${row.id}${was.name && ` (${was.name})`}: recorded ${short(was.median)}, measured ${short(is.median)} ${is.unit}`;
    console.log(`${line}${tries === 1 ? "" : ` (the best of ${tries} tries)`}`);
    return isWorse(was, is) ? [line] : [];
  });
}

interface Pair {
  readonly was: Figure;
  readonly is: Figure;
}

/** Measures until nothing is worse than recorded, a few times at most; of each figure the best counts. */
export async function settle(
  recorded: readonly Figure[],
  measure: () => Promise<readonly Figure[]>,
): Promise<{ readonly last: readonly Pair[]; readonly tries: number }> {
  const best = new Map<string, Figure>();
  for (let tries = 1; ; tries++) {
    for (const is of await measure()) {
      const so = best.get(is.name);
      if (so === undefined || gain(so, is) > 1) best.set(is.name, is);
    }
    const last = recorded.flatMap((was) => {
      const is = best.get(was.name);
      return is === undefined ? [] : [{ was, is }];
    });
    if (tries === TRIES || !last.some(({ was, is }) => isWorse(was, is))) return { last, tries };
  }
}

export function isWorse(was: Figure, is: Figure): boolean {
  return gain(was, is) < 1 / SLACK;
}

/** How many times better one is than the other. */
function gain(was: Figure, is: Figure): number {
  return isGain(was) ? is.median / was.median : was.median / is.median;
}

function steady(figures: readonly Figure[]): readonly Figure[] {
  return figures.filter((figure) => figure.steady);
}
