import { posix } from "node:path";
import type { Container } from "./container.ts";
import { isInside } from "./path.ts";

/** A place inside, and the folder or file of the host that stands there; null: something else, which hides what is below. */
export interface Shown {
  readonly target: string;
  readonly source: string | null;
}

/** What a container shows whatever it is called with; a mount of a parameter hides, and shows what nobody knows yet. */
export function shownAlways({ mounts, tmpfs }: Pick<Container, "mounts" | "tmpfs">): readonly Shown[] {
  const mounted = mounts.map(({ source, target }): Shown => {
    const [only] = source.kind === "bind" ? source.path : [];
    return { target, source: typeof only === "string" ? only : null };
  });
  return [...mounted, ...hiding(tmpfs)];
}

export function hiding(tmpfs: Container["tmpfs"]): readonly Shown[] {
  return Object.keys(tmpfs).map((target) => ({ target, source: null }));
}

/** Where a real path of the host is seen inside, by the closest of what holds it and is not hidden there; null: nowhere. */
export function seenAt(path: string, shown: readonly Shown[]): string | null {
  const holders = shown
    .flatMap(({ source, target }) => (source !== null && isInside(source, path) ? [{ source, target }] : []))
    .toSorted((a, b) => b.source.length - a.source.length);
  const places = holders.map(({ source, target }) => posix.join(target, path.slice(source.length)));
  return places.find((place) => standsAt(place, shown) === path) ?? null;
}

/** What of the host stands at a path inside; null: nothing of it. */
export function standsAt(inside: string, shown: readonly Shown[]): string | null {
  const [top] = shown
    .filter(({ target }) => isInside(target, inside))
    .toSorted((a, b) => b.target.length - a.target.length);
  if (!top || top.source === null) return null;
  const rest = inside.slice(top.target.length);
  return rest === "" ? top.source : posix.join(top.source, rest);
}
