import { didYouMean } from "../base/nearest.ts";
import { REFUSALS } from "../base/refusal.ts";
import type { CommandTest } from "../command/command.ts";
import { type Draft, templateOf } from "./draft.ts";
import type { Parameters } from "./params.ts";
import { place } from "./source.ts";
import { type MappingNode, child, keyAt, toValue } from "./node.ts";

const PLACES = new Set(["workspace", "call_id"]);

/** Reads `tests`; an argument that the command does not have is reported, unless the test is about a refusal. */
export function readTests(draft: Draft, command: string, params: Parameters): readonly CommandTest[] {
  const node = draft.nodeOf("tests");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item, index) =>
    item.kind === "mapping" ? [readTest(draft, `${command}[${index}]`, item, params)] : [],
  );
}

interface RawTest {
  readonly name?: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | number | boolean | null>>;
  readonly stdin?: string;
  readonly refused?: string;
  readonly exit?: number;
  readonly stdout?: string;
}

function readTest(draft: Draft, fallback: string, node: MappingNode, params: Parameters): CommandTest {
  const { name = fallback, args = {}, env = {}, stdin = null, refused = null, exit, stdout } = toValue(node) as RawTest;
  if (refused === null) checkNames(draft, node, Object.keys(args), params);
  else checkCode(draft, node, refused);
  const argv = child(node, "argv");
  return {
    name,
    args,
    argv:
      argv?.kind === "sequence"
        ? argv.items.map((item) => (item.kind === "scalar" ? templateOf(draft, item, PLACES) : []))
        : null,
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value === null ? null : String(value)])),
    stdin,
    refused,
    needsRun: exit !== undefined || stdout !== undefined,
    file: draft.source.file,
    line: place(draft.source.text, node).line,
  };
}

function checkNames(draft: Draft, node: MappingNode, names: readonly string[], { declared }: Parameters): void {
  const args = child(node, "args") ?? node;
  for (const name of names.filter((each) => !declared.has(each))) {
    const message = `"${name}" is not a parameter of this command`;
    draft.error(keyAt(args, name), "unknown-parameter", message, didYouMean(name, declared));
  }
}

function checkCode(draft: Draft, node: MappingNode, code: string): void {
  const codes = Object.keys(REFUSALS);
  if (codes.includes(code)) return;
  const hint = didYouMean(code, codes) || `the codes are ${codes.join(", ")}`;
  draft.error(child(node, "refused") ?? node, "bad-value", `"${code}" is not a code of a refusal`, hint);
}
