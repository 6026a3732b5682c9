import { didYouMean } from "../base/nearest.ts";
import { REFUSALS } from "../base/refusal.ts";
import type { CommandTest } from "../command/command.ts";
import { type Draft, templateOf } from "./draft.ts";
import type { Parameters } from "./params.ts";
import { place } from "./source.ts";
import { type MappingNode, keyAt, toValue } from "./yaml.ts";

const PLACES = new Set(["workspace", "call_id"]);

/** Reads `tests`; an argument that the command does not have is reported, unless the test is about a refusal. */
export function readTests(draft: Draft, command: string, params: Parameters): readonly CommandTest[] {
  const node = draft.nodeOf("tests");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item, index) =>
    item.kind === "mapping" ? [readTest(draft, `${command}[${index}]`, item, params)] : [],
  );
}

function readTest(draft: Draft, fallback: string, node: MappingNode, params: Parameters): CommandTest {
  const words = toValue(node) as {
    name?: string;
    args?: Record<string, unknown>;
    env?: Record<string, string | number | boolean | null>;
    stdin?: string;
    refused?: string;
    exit?: number;
    stdout?: string;
  };
  const args = node.entries.get("args")?.value;
  for (const name of Object.keys(words.args ?? {})) {
    if (params.declared.has(name) || words.refused !== undefined || !args) continue;
    draft.error(
      keyAt(args, name),
      "unknown-parameter",
      `"${name}" is not a parameter of this command`,
      didYouMean(name, params.declared),
    );
  }
  const refused = node.entries.get("refused")?.value;
  if (refused && words.refused !== undefined && !Object.hasOwn(REFUSALS, words.refused)) {
    draft.error(
      refused,
      "bad-value",
      `"${words.refused}" is not a code of a refusal`,
      didYouMean(words.refused, Object.keys(REFUSALS)) || `the codes are ${Object.keys(REFUSALS).join(", ")}`,
    );
  }
  const argv = node.entries.get("argv")?.value;
  return {
    name: words.name ?? fallback,
    args: words.args ?? {},
    argv:
      argv?.kind === "sequence"
        ? argv.items.map((item) => (item.kind === "scalar" ? templateOf(draft, item, PLACES) : []))
        : null,
    env: Object.fromEntries(
      Object.entries(words.env ?? {}).map(([name, value]) => [name, value === null ? null : String(value)]),
    ),
    stdin: words.stdin ?? null,
    refused: words.refused ?? null,
    needsRun: words.exit !== undefined || words.stdout !== undefined,
    file: draft.source.file,
    line: place(draft.source.text, node).line,
  };
}
