import type { Sink } from "../base/sink.ts";

/** Tells when nothing has been heard for too long. While a sink takes what was heard nothing more can be. */
export interface Silence {
  /** A sink that tells of what it hears. */
  heard(sink: Sink): Sink;
  /** How long it may still last, in milliseconds. */
  left(): number;
  end(): void;
}

/** Without a time nobody watches. */
export function watchSilence(ms: number | null, callback: () => void): Silence {
  if (ms === null) return { heard: (sink) => sink, left: () => Number.POSITIVE_INFINITY, end: () => undefined };
  const longest = ms;
  let last = performance.now();
  let takers = 0;
  let timer = setTimeout(look, longest);

  function left(): number {
    return takers > 0 ? longest : last + longest - performance.now();
  }

  function look(): void {
    if (left() <= 0) callback();
    else timer = setTimeout(look, Math.ceil(left()));
  }

  async function follow(taken: Promise<void>): Promise<void> {
    takers++;
    try {
      await taken;
    } finally {
      takers--;
      last = performance.now();
    }
  }
  return {
    left,
    heard: (sink) => (chunk) => {
      const taken = sink(chunk);
      last = performance.now();
      return taken && follow(taken);
    },
    end: () => clearTimeout(timer),
  };
}
