import type { Sink } from "../../base/sink.ts";

/** A stream in which somebody else speaks up now and then. */
export interface Marked {
  readonly sink: Sink;
  /** Passes on what may have been the beginning of a mark. */
  flush(): void | Promise<void>;
}

const NOTHING = Buffer.alloc(0);

/**
 * Passes a stream on to a sink without the lines that begin with a mark, and tells each of those when the sink has taken what came
 * before. The first byte of a mark is not in the rest of it.
 */
export function marked(mark: Buffer, sink: Sink, told: (word: string) => void): Marked {
  let held = NOTHING;

  function take(chunk: Buffer): void | Promise<void> {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const at = bytes.indexOf(mark);
    const begins = at === -1 ? begunAt(bytes, mark) : at;
    const ends = at === -1 ? -1 : bytes.indexOf("\n", at);
    held = ends === -1 ? Buffer.from(bytes.subarray(begins)) : NOTHING;
    const passed = begins === 0 ? undefined : sink(bytes.subarray(0, begins));
    if (ends === -1) return passed;
    const goOn = (): void | Promise<void> => {
      told(bytes.toString("latin1", at + mark.length, ends));
      return ends + 1 < bytes.length ? take(bytes.subarray(ends + 1)) : undefined;
    };
    return passed ? passed.then(goOn, goOn) : goOn();
  }

  function flush(): void | Promise<void> {
    const rest = held;
    held = NOTHING;
    return rest.length > 0 ? sink(rest) : undefined;
  }
  return { sink: take, flush };
}

/** Where a mark may have begun that is not whole yet; the length where none has. */
function begunAt(bytes: Buffer, mark: Buffer): number {
  const at = bytes.lastIndexOf(mark.subarray(0, 1));
  const isBegun = at !== -1 && bytes.length - at < mark.length && mark.indexOf(bytes.subarray(at)) === 0;
  return isBegun ? at : bytes.length;
}
