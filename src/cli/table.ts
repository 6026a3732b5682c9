import { type Paint, printable } from "./print.ts";
import { cut, padded, widthOf, wrapped } from "./width.ts";

/** How a table is drawn. */
export interface TableLook {
  readonly paint: Paint;
  /** Of the terminal; null: there is none, and nothing is cut or broken. */
  readonly columns: number | null;
  /** Shown on a terminal only: what reads the lines elsewhere wants data. */
  readonly head?: readonly string[];
  /** What becomes of a last column that is too wide: `cut` (the default), or broken into lines. */
  readonly wide?: "cut" | "wrap";
  /** Paints a cell that was padded. */
  readonly dress?: (text: string, column: number, row: readonly string[]) => string;
  /** Stands before each line. */
  readonly indent?: string;
}

const GAP = "  ";
/** A last column is not made narrower than this. */
const NARROWEST = 20;

/** Columns with two spaces between them; texts are made harmless to a terminal. */
export function table(rows: readonly (readonly string[])[], look: TableLook): string {
  const clean = rows.map((row) => row.map(printable));
  const head = look.columns === null ? undefined : look.head;
  const all = head ? [head, ...clean] : clean;
  const count = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => Math.max(0, ...all.map((row) => widthOf(row[at] ?? ""))));
  const { paint, indent = "" } = look;
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, indent.length);
  const room = look.columns === null ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, look.columns - before);
  const lines = clean.flatMap((row) => linesOf(row, { widths, room, look }));
  const title = head?.map((text, at) => padded(text, at < count - 1 ? (widths[at] ?? 0) : 0)).join(GAP);
  const shown = title === undefined ? lines : [paint("dim", title.trimEnd()), ...lines];
  return shown.map((line) => `${indent}${line}\n`).join("");
}

interface Measures {
  readonly widths: readonly number[];
  readonly room: number;
  readonly look: TableLook;
}

function linesOf(row: readonly string[], { widths, room, look }: Measures): readonly string[] {
  const last = widths.length - 1;
  const text = row[last] ?? "";
  const ends = !Number.isFinite(room) ? [text] : look.wide === "wrap" ? wrapped(text, room) : [cut(text, room)];
  return ends.map((end, index) => {
    const cells = widths.map((width, at) => {
      const cell = at === last ? end : index === 0 ? (row[at] ?? "") : "";
      const full = at === last ? cell : padded(cell, width);
      return look.dress ? look.dress(full, at, row) : full;
    });
    return cells.join(GAP).trimEnd();
  });
}
