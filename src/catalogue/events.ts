import { type Event, YAMLException, parseEvents } from "js-yaml";

/** What a text of YAML consists of; `shallow` are the places of lines that the parser wanted to stand deeper. */
export interface Events {
  readonly events: readonly Event[];
  readonly shallow: readonly number[];
}

const DEEPEST = 100;
/** Each shallow line has the text parsed once more: characters that are parsed in all. */
const MOST_PARSED = 20_000_000;

/**
 * Parses YAML, and takes what YAML 1.2 forbids and most parsers take: a bracket, or a line between brackets or quotes, that stands
 * no deeper than the key before it. For the parser such a line is moved in; the places of the events are those of the text.
 */
export function readEvents(text: string, filename: string): Events {
  const shallow: number[] = [];
  const shift = widestIndent(text) + 1;
  let first: unknown;
  for (let left = MOST_PARSED; ; left -= text.length) {
    const moved = moveIn(text, shallow, shift);
    try {
      const events = parseEvents(moved, { filename, maxDepth: DEEPEST });
      return {
        events: shallow.length === 0 ? events : events.map((event) => placedIn(shallow, shift, event)),
        shallow,
      };
    } catch (error) {
      // Where a bracket was never closed, the first fault is the one that tells.
      first ??= error;
      const line = left > 0 ? shallowLine(moved, error) : undefined;
      if (line === undefined) throw first;
      shallow.push(placeOf(shallow, shift, line));
    }
  }
}

function widestIndent(text: string): number {
  let widest = 0;
  for (const [indent] of text.matchAll(/^ +/gm)) widest = Math.max(widest, indent.length);
  return widest;
}

/** The lines are found in their order, as a parser stops at the first. */
function moveIn(text: string, lines: readonly number[], shift: number): string {
  const starts = [0, ...lines, text.length];
  return starts
    .slice(1)
    .map((end, index) => text.slice(starts[index], end))
    .join(" ".repeat(shift));
}

/** Where a line begins that stands too far out; a tab in it stays the error that it is. */
function shallowLine(text: string, error: unknown): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== "deficient indentation" || !error.mark) return undefined;
  const line = text.lastIndexOf("\n", error.mark.position - 1) + 1;
  return /^ *$/.test(text.slice(line, error.mark.position)) ? line : undefined;
}

/** The place in the text of a place in the text with its lines moved in. */
function placeOf(lines: readonly number[], shift: number, moved: number): number {
  let place = moved;
  for (const line of lines) {
    if (place <= line) break;
    place = Math.max(line, place - shift);
  }
  return place;
}

const PLACES = new Set(["start", "valueStart", "valueEnd", "anchorStart", "anchorEnd", "tagStart", "tagEnd"]);

function placedIn(lines: readonly number[], shift: number, event: Event): Event {
  const places = Object.entries(event).map(([key, value]: [string, unknown]) =>
    PLACES.has(key) ? [key, placeOf(lines, shift, value as number)] : [key, value],
  );
  return Object.fromEntries(places) as Event;
}
