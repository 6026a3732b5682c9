import { type Change, type Held, held, removed, reworded } from "./legacy-change.ts";
import { type Node, child } from "./node.ts";

const BLOCKS: readonly string[] = ["server", "analytics"];
const ANALYTICS: readonly string[] = ["enabled", "database_path", "retention_days"];

/** The words of YAML 1.1 that the original took where it wanted true or false. */
const WORDS: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** What the original's settings may leave empty, or write otherwise than today's. */
export function settingsChanges(root: Node): readonly Change[] {
  const analytics = child(root, "analytics");
  return [
    ...[...held(root, BLOCKS), ...held(analytics, ANALYTICS)].flatMap(nothing),
    ...held(analytics, ["enabled"]).flatMap(trueOrFalse),
  ];
}

function nothing(at: Held): readonly Change[] {
  const { value } = at.entry;
  const isNothing = value.kind === "scalar" && value.value === null && !value.isFaulty;
  return isNothing ? [removed(at, `an empty \`${at.key}\` is none`)] : [];
}

function trueOrFalse(at: Held): readonly Change[] {
  const { value } = at.entry;
  const word = value.kind === "scalar" && typeof value.value === "string" ? value.text.toLowerCase() : "";
  const today = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (value.kind !== "scalar" || today === undefined) return [];
  const change = reworded(at, String(today), `\`${at.key}: ${value.text}\` is a word of YAML 1.1 for ${today}`);
  return [{ ...change, node: { ...value, value: today } }];
}
