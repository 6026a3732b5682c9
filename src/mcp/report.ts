/** How far a program says that it is. */
export interface Report {
  readonly value: number;
  readonly total: number;
}

/** What a line that reports begins with. */
export const REPORT_MARK = Buffer.from("::progress");

/** A line `::progress 40/100 text`; null when it is none. A value beyond the total counts as the total. */
export function readReport(line: Buffer): { readonly report: Report; readonly text: Buffer } | null {
  if (line.indexOf(REPORT_MARK) !== 0) return null;
  // Latin 1, so that the length of what was matched is a number of bytes.
  const match = REPORT.exec(line.toString("latin1"));
  if (!match) return null;
  const total = Number(match[2]);
  if (total === 0) return null;
  return { report: { value: Math.min(Number(match[1]), total), total }, text: line.subarray(match[0].length) };
}

const REPORT = /^::progress[ \t]+(\d{1,15}(?:\.\d{1,9})?)\/(\d{1,15}(?:\.\d{1,9})?)(?:[ \t]+|$)/;

/** Reads a stream and gives the last percentage that each chunk completes; null when it completes none. */
export function createPercentReader(): (chunk: Buffer) => Report | null {
  /** The end of what came before. */
  let kept = "";
  return (chunk) => {
    const found = lastPercent(kept, chunk);
    kept = (kept + chunk.toString("latin1", Math.max(0, chunk.length - REACH))).slice(-REACH);
    return found === null ? null : { value: found, total: 100 };
  };
}

const SIGN = 0x25;
/** Characters before the sign that are looked at: more than a percentage has. */
const REACH = 16;
const PERCENT = /(?<![\d.])(\d{1,3}(?:\.\d{1,6})?)%$/;

function lastPercent(kept: string, chunk: Buffer): number | null {
  for (let at = chunk.lastIndexOf(SIGN); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(SIGN, at - 1)) {
    if (!isDigit(at > 0 ? chunk[at - 1] : kept.charCodeAt(kept.length - 1))) continue;
    const near = chunk.toString("latin1", Math.max(0, at - REACH), at + 1);
    const match = PERCENT.exec(at < REACH ? kept + near : near);
    if (match && Number(match[1]) <= 100) return Number(match[1]);
  }
  return null;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}
