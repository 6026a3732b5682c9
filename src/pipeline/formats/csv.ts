import { lazy } from "../../base/lazy.ts";
import { dataFormat } from "./data.ts";
import { type Parsed, tooLarge } from "./structure.ts";

const library = lazy(() => import("csv-parse/sync"));

/** RFC 4180. The first row names the columns; the result is the list of the others, each an object of texts. */
export const csv = dataFormat({ noun: "CSV", parse: parseRows });

interface Row {
  readonly info: { readonly lines: number };
  readonly record: readonly string[];
}

async function parseRows(text: string, most: number): Promise<Parsed> {
  const { parse } = await library();
  let rows: readonly Row[];
  try {
    // The lengths of rows are ours to check: the library's own messages do not tell the line. With `info` it gives more than
    // the types of its result say.
    rows = parse(text, { info: true, relax_column_count: true, record_delimiter: ["\r\n", "\n"] }) as unknown as Row[];
  } catch (error) {
    return { fault: `the output is not CSV (${whyNot(error)})` };
  }
  const [first, ...others] = rows;
  if (!first) return { value: [] };
  const columns = first.record;
  // Each row repeats the names: a few bytes of CSV could stand for gigabytes.
  if (JSON.stringify(columns).length * others.length > most) return { fault: tooLarge(most) };
  const fault = faultOfNames(columns) ?? faultOfRows(columns, rows);
  if (fault !== undefined) return { fault: `the output is not CSV (${fault})` };
  return { value: others.map(({ record }) => Object.fromEntries(record.map((cell, at) => [columns[at], cell]))) };
}

/** The codes of the library, in words of ours. */
const FAULTS: { readonly [code: string]: string | undefined } = {
  CSV_QUOTE_NOT_CLOSED: "the output ends inside a quoted value",
  CSV_INVALID_CLOSING_QUOTE: "expected a comma or the end of the line after a quoted value",
  INVALID_OPENING_QUOTE: 'a value that holds a quote must stand in quotes, with each quote inside doubled ("")',
};

function whyNot(error: unknown): string {
  const { code = "", lines } = error as { readonly code?: string; readonly lines?: number };
  return `line ${lines ?? 1}: ${FAULTS[code] ?? "a quote stands where none may"}`;
}

function faultOfNames(columns: readonly string[]): string | undefined {
  const empty = columns.findIndex((name) => name.trim() === "");
  if (empty >= 0) return `line 1: column ${empty + 1} has no name`;
  const before = new Set<string>();
  const twice = columns.find((name) => before.size === before.add(name).size);
  return twice === undefined ? undefined : `line 1: two columns have the name ${JSON.stringify(twice)}`;
}

/** A row may take several lines: it begins after the last one of the row before it. */
function faultOfRows(columns: readonly string[], rows: readonly Row[]): string | undefined {
  const at = rows.findIndex(({ record }) => record.length !== columns.length);
  if (at < 0) return undefined;
  const line = (rows[at - 1]?.info.lines ?? 0) + 1;
  return `line ${line}: expected ${columns.length} values, as many as there are columns, came ${rows[at]?.record.length}`;
}
