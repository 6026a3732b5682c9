import { RE2JS } from "@bufbuild/re2";
import { refuse } from "../base/refusal.ts";

/** Steps of a compiled pattern; each character of a line may cost as many. */
const MOST_STEPS = 1000;
const LONGEST = 4 * MOST_STEPS;
/** States that the matcher remembers; each takes some ten microseconds to make. It forgets all five times, then does without. */
const MOST_STATES = 300;
/** Steps times characters of one line: some hundredths of a second in the worst case, in which nothing else happens. */
const MOST_WORK = 500_000;

/**
 * Whether a line holds a match of a regular expression (RE2), in linear time; of a very long line only as much of the beginning
 * is searched as the pattern leaves time for. Throws a `Refusal` for what is no expression, or too large a one.
 */
export function lineMatcher(pattern: string): (line: string) => boolean {
  // Before it is compiled: that takes as long as it is large.
  if (pattern.length > LONGEST || sizeOf(pattern) > MOST_STEPS) throw tooLarge(pattern);
  const expression = compile(pattern);
  const { prog, dfa } = expression.re2();
  dfa.stateLimit = MOST_STATES;
  const steps = prog.numInst();
  if (steps > MOST_STEPS) throw tooLarge(pattern);
  const longest = Math.floor(MOST_WORK / steps);
  return (line) => expression.test(line.length > longest ? line.slice(0, longest) : line);
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse("arguments.invalid", `grep: expected a regular expression that RE2 takes, came "${pattern}": ${why}`);
  }
}

function tooLarge(pattern: string): Error {
  const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
  return refuse(
    "arguments.invalid",
    `grep: expected a regular expression of at most ${MOST_STEPS} steps, repetitions written out, came "${shown}": use a shorter one or a smaller {n}`,
  );
}

/** Quoted text, an escape, a class, a repetition, a parenthesis, or anything else. */
const TOKEN =
  /\\Q[^]*?(?:\\E|$)|\\[pPx]\{[^}]*\}|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[^]/gu;

/** About how many steps a pattern has when its repetitions are written out, and never many less. */
function sizeOf(pattern: string): number {
  const groups: number[] = [];
  let size = 0;
  let last = 0;
  for (const [token, least, most] of pattern.matchAll(TOKEN)) {
    if (token === "(") {
      groups.push(size);
      size = last = 0;
    } else if (least !== undefined) {
      const repeated = last * Math.max(Number(least), Number(most ?? 0), 1);
      size += repeated - last;
      last = repeated;
    } else {
      last = token === ")" ? size : token.startsWith("\\Q") ? token.length : 1;
      size = token === ")" ? size + (groups.pop() ?? 0) : size + last;
    }
  }
  return groups.reduce((sum, each) => sum + each, size);
}
