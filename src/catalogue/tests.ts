import { didYouMean } from "../base/nearest.ts";
import { REFUSALS } from "../base/refusal.ts";
import type { Template } from "../command/template.ts";
import type { CommandTest } from "../command/command.ts";
import { type Draft, templateOf } from "./draft.ts";
import type { Parameters } from "./params.ts";
import { place } from "./source.ts";
import { type MappingNode, type Node, child, keyAt, toValue } from "./node.ts";

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
  readonly refused?: string;
  readonly exit?: number;
  readonly stdout?: string;
}

function readTest(draft: Draft, fallback: string, node: MappingNode, params: Parameters): CommandTest {
  const { name = fallback, args = {}, refused = null, exit, stdout } = toValue(node) as RawTest;
  if (refused === null) checkNames(draft, node, Object.keys(args), params);
  else checkCode(draft, node, refused);
  const argv = child(node, "argv");
  return {
    name,
    args,
    argv: argv?.kind === "sequence" ? argv.items.map((item) => expectation(draft, item) ?? []) : null,
    env: readEnv(draft, child(node, "env")),
    stdin: expectation(draft, child(node, "stdin")),
    cwd: expectation(draft, child(node, "cwd")),
    refused,
    needsRun: exit !== undefined || stdout !== undefined,
    file: draft.source.file,
    line: place(draft.source.text, node).line,
  };
}

function readEnv(draft: Draft, node: Node | undefined): CommandTest["env"] {
  const entries = node?.kind === "mapping" ? [...node.entries] : [];
  return Object.fromEntries(entries.map(([name, { value }]) => [name, expectation(draft, value)]));
}

/** Null for what must not be there. */
function expectation(draft: Draft, node: Node | undefined): Template | null {
  return node?.kind === "scalar" && node.value !== null ? templateOf(draft, node, PLACES) : null;
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
