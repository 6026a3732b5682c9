/** Records of the same keys by column: what many of them share is written, and held, once. Plain JSON data. */
export interface Columns {
  readonly count: number;
  readonly columns: readonly Column[];
}

interface Column {
  readonly key: string;
  /** All that differ. */
  readonly values: readonly unknown[];
  /** Which of the values each record has; null: they all have the only one, or each has its own. */
  readonly at: readonly number[] | null;
}

/** The keys are those of the first; values that are the same as JSON are one. */
export function toColumns(rows: readonly object[]): Columns {
  const keys = Object.keys(rows[0] ?? {});
  return { count: rows.length, columns: keys.map((key) => toColumn(rows as readonly Row[], key)) };
}

/** Whether it can have come from `toColumns`: each record has a value of each key. */
export function isColumns(value: unknown): value is Columns {
  const { count, columns } = value as Partial<Columns>;
  if (!Number.isSafeInteger(count) || !Array.isArray(columns) || (columns.length === 0) !== (count === 0)) return false;
  return (columns as readonly Column[]).every(({ key, values, at }) => {
    const isWhole = at === null ? values.length === 1 || values.length === count : at.length === count;
    return typeof key === "string" && values.length > 0 && isWhole;
  });
}

type Row = Readonly<Record<string, unknown>>;

function toColumn(rows: readonly Row[], key: string): Column {
  const values: unknown[] = [];
  const places = new Map<string, number>();
  const at = rows.map(({ [key]: value }) => {
    const text = JSON.stringify(value);
    const known = places.get(text) ?? values.push(value) - 1;
    places.set(text, known);
    return known;
  });
  return { key, values, at: values.length === 1 || values.length === rows.length ? null : at };
}

/** What was given to `toColumns`, as JSON has it; equal values are one object. */
export function fromColumns({ count, columns }: Columns): readonly object[] {
  const shared = Object.fromEntries(columns.map(({ key, values }) => [key, values[0]]));
  const others = columns.filter(({ values }) => values.length > 1);
  const rows: object[] = [];
  for (let index = 0; index < count; index++) {
    const row = { ...shared };
    // A start makes 10,000 rows while nothing is optimized: what is shorter to write takes twice as long.
    for (let other = 0; other < others.length; other++) fill(row, others[other] as Column, index);
    rows.push(row);
  }
  return rows;
}

function fill(row: Record<string, unknown>, { key, values, at }: Column, index: number): void {
  row[key] = values[at === null ? index : (at[index] ?? 0)];
}
