import { lstatSync, readlinkSync } from "node:fs";
import { dirname, parse, resolve, sep } from "node:path";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";
import { type Fact, digestNow, holds } from "./world.ts";

/** The files that a catalogue was read from, those that were missing too, and where its globs looked for more. */
export interface Trail {
  readonly files: readonly string[];
  readonly globs: readonly Fact[];
  /** Changes with what any of the files is, and with what any of the globs finds. */
  look(): string;
  /** Where it is told that a file is replaced: its own folder, and that of every link on the way to it. */
  folders(): readonly string[];
}

export function createTrail(facts: readonly Fact[], host: Host): Trail {
  const files = [...new Set(facts.filter(isFile).map(({ args: [path = ""] }) => resolve(path)))];
  const globs = [...new Map(facts.filter(isGlob).map((fact) => [keyOf(fact), fact])).values()];
  return {
    files,
    globs,
    look: () => [...files.map(stateOf), ...globs.map((fact) => digestNow(fact, host))].join("|"),
    folders: () => [...new Set([...files.flatMap((path) => wayTo(path)), ...globs.flatMap(rootOf)])],
  };
}

/** Whether one looks at all that another looks at. */
export function covers(one: Trail, other: Trail): boolean {
  const files = new Set(one.files);
  const globs = new Set(one.globs.map(keyOf));
  return other.files.every((path) => files.has(path)) && other.globs.every((fact) => globs.has(keyOf(fact)));
}

/** Whether the files are no more what they were when they were read. */
export function hasMoved(facts: readonly Fact[], host: Host): boolean {
  return !holds(
    facts.filter((fact) => isFile(fact) || isGlob(fact)),
    host,
  );
}

function isFile({ question }: Fact): boolean {
  return question === "read" || question === "picture";
}

function isGlob({ question }: Fact): boolean {
  return question === "glob";
}

function keyOf({ args }: Fact): string {
  return args.join("\0");
}

/** What a file is; it differs when it is written or replaced. The time of a change, too: a copy may bring its size and its time along. */
export function stateOf(path: string): string {
  const stat = statOf(path);
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(":") : "gone";
}

const MOST_LINKS = 40;

/** The folders in which it is told that a path leads to something else: its own, and that of every link on the way. */
export function wayTo(path: string, links = 0): readonly string[] {
  if (links === MOST_LINKS) return [];
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep);
  for (const index of names.keys()) {
    const name = root + names.slice(0, index + 1).join(sep);
    const target = targetOf(name);
    if (target === undefined) continue;
    const folder = dirname(name);
    return [folder, ...wayTo(resolve(folder, target, ...names.slice(index + 1)), links + 1)];
  }
  return [dirname(path)];
}

/** Undefined: it is no link. */
function targetOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The folder below which a glob looks, and the way to it. */
function rootOf({ args: [pattern = "", folder = ""] }: Fact): readonly string[] {
  const root = resolve(folder, dirname(`${pattern.replace(/[*?[{].*$/s, "")}.`));
  return [root, ...wayTo(root)];
}
