import { type Line, type Place, createLine } from "./line.ts";

/** Who waits; told apart by identity. */
export interface Visitor {
  /** Callers take turns. */
  readonly caller: string;
  readonly kind: string;
}

/**
 * Whose turn it is among those who wait: callers take turns, and of a caller comes first who has waited longest among those
 * whose kind may enter. A step takes time in proportion to the callers, and the kinds of a caller, that wait; not to the
 * visitors.
 */
export interface Turns<V extends Visitor> {
  add(visitor: V): void;
  /** False when it does not wait. */
  remove(visitor: V): boolean;
  /** Takes the next one out of those whose kind may enter. */
  take(mayEnter: (kind: string) => boolean): V | undefined;
}

interface Waiting<V> {
  readonly visitor: V;
  /** Grows with each that waits. */
  readonly number: number;
}

interface Caller<V> {
  /** By kind; none is empty. */
  readonly lanes: Map<string, Line<Waiting<V>>>;
  turn: Place<string>;
}

export function createTurns<V extends Visitor>(): Turns<V> {
  const callers = new Map<string, Caller<V>>();
  const order = createLine<string>();
  const places = new Map<V, Place<Waiting<V>>>();
  let numbers = 0;

  function add(visitor: V): void {
    const { caller: name, kind } = visitor;
    const caller = callers.get(name) ?? { lanes: new Map<string, Line<Waiting<V>>>(), turn: order.append(name) };
    const lane = caller.lanes.get(kind) ?? createLine();
    callers.set(name, caller);
    caller.lanes.set(kind, lane);
    places.set(visitor, lane.append({ visitor, number: numbers++ }));
  }

  function remove(visitor: V): boolean {
    const place = places.get(visitor);
    const caller = callers.get(visitor.caller);
    const lane = caller?.lanes.get(visitor.kind);
    if (!place || !caller || !lane) return false;
    places.delete(visitor);
    lane.remove(place);
    if (!lane.first()) caller.lanes.delete(visitor.kind);
    if (caller.lanes.size > 0) return true;
    order.remove(caller.turn);
    callers.delete(visitor.caller);
    return true;
  }

  function take(mayEnter: (kind: string) => boolean): V | undefined {
    for (let turn = order.first(); turn; turn = turn.after) {
      const caller = callers.get(turn.item);
      const next = caller && oldest(caller, mayEnter);
      if (!next) continue;
      order.remove(turn);
      caller.turn = order.append(turn.item);
      remove(next);
      return next;
    }
    return undefined;
  }

  return { add, remove, take };
}

function oldest<V>({ lanes }: Caller<V>, mayEnter: (kind: string) => boolean): V | undefined {
  let found: Waiting<V> | undefined;
  for (const [kind, lane] of lanes) {
    const head = mayEnter(kind) ? lane.first()?.item : undefined;
    if (head && (!found || head.number < found.number)) found = head;
  }
  return found?.visitor;
}
