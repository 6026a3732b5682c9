/** A place in a line. */
export interface Place<T> {
  readonly item: T;
  before: Place<T> | null;
  after: Place<T> | null;
}

/** First come, first served; one can leave from anywhere. Every step takes constant time. */
export interface Line<T> {
  first(): Place<T> | null;
  append(item: T): Place<T>;
  /** The place must be one of this line. */
  remove(place: Place<T>): void;
}

export function createLine<T>(): Line<T> {
  let first: Place<T> | null = null;
  let last: Place<T> | null = null;

  function append(item: T): Place<T> {
    const place: Place<T> = { item, before: last, after: null };
    if (last) last.after = place;
    else first = place;
    last = place;
    return place;
  }

  function remove({ before, after }: Place<T>): void {
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    else last = before;
  }

  return { first: () => first, append, remove };
}
