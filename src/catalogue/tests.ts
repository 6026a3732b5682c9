import { didYouMean } from "../base/nearest.ts";
import { REFUSALS } from "../base/refusal.ts";
import type { CommandTest, RequestTest } from "../command/command.ts";
import type { Template } from "../command/template.ts";
import type { Draft } from "./draft.ts";
import { type MappingNode, type Node, child } from "./node.ts";
import type { Parameters } from "./params.ts";
import { type Reader, readerWithoutParameters, templateOf } from "./places.ts";
import { place } from "./source.ts";

/** Reads `tests`; an argument that the command does not have is reported, unless the test is about a refusal. */
export function readTests(draft: Draft, command: string, params: Parameters): readonly CommandTest[] {
  const node = draft.nodeOf("tests");
  if (node?.kind !== "sequence") return [];
  const reader = readerWithoutParameters(draft, "write the value that the test expects");
  return node.items.flatMap((item, index) =>
    item.kind === "mapping" ? [readTest(reader, `${command}[${index}]`, draft.inside(item), params)] : [],
  );
}

function readTest(reader: Reader, fallback: string, draft: Draft, params: Parameters): CommandTest {
  const { node } = draft;
  const args = draft.nodeOf("args");
  const refused = draft.get("refused") as string | undefined;
  if (refused !== undefined) checkCode(draft, node, refused);
  else if (args?.kind === "mapping") checkNames(draft, args, params);
  const argv = draft.nodeOf("argv");
  return {
    name: (draft.get("name") as string | undefined) ?? fallback,
    args: (draft.get("args") as CommandTest["args"] | undefined) ?? {},
    argv: argv?.kind === "sequence" ? argv.items.map((item) => expectation(reader, item) ?? []) : null,
    env: readEnv(reader, draft.nodeOf("env")),
    stdin: expectation(reader, draft.nodeOf("stdin")),
    cwd: expectation(reader, draft.nodeOf("cwd")),
    request: readRequest(draft),
    refused: refused ?? null,
    exit: (draft.get("exit") as number | undefined) ?? null,
    stdout: expectation(reader, draft.nodeOf("stdout")),
    file: draft.source.file,
    line: place(draft.source.text, node).line,
  };
}

function readEnv(reader: Reader, node: Node | undefined): CommandTest["env"] {
  const entries = node?.kind === "mapping" ? [...node.entries] : [];
  return Object.fromEntries(entries.map(([name, { value }]) => [name, expectation(reader, value)]));
}

function readRequest(draft: Draft): RequestTest | null {
  const node = draft.nodeOf("request");
  if (node?.kind !== "mapping") return null;
  const request = draft.inside(node);
  const headers = Object.entries((request.get("headers") as object | undefined) ?? {});
  return {
    method: (request.get("method") as string | undefined) ?? null,
    url: (request.get("url") as string | undefined) ?? null,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    ...(node.entries.has("body") ? { body: request.get("body") } : {}),
  };
}

/** Null for what must not be there. */
function expectation(reader: Reader, node: Node | undefined): Template | null {
  if (node?.kind !== "scalar" || node.value === null || reader.draft.isBroken(node)) return null;
  return templateOf(reader, node);
}

function checkNames(draft: Draft, args: MappingNode, { declared, isOpen }: Parameters): void {
  for (const [name, { key }] of args.entries) {
    if (declared.has(name) || isOpen) continue;
    const message = `"${name}" is not a parameter of this command`;
    draft.error(key, "unknown-parameter", message, didYouMean(name, declared));
  }
}

function checkCode(draft: Draft, node: MappingNode, code: string): void {
  const codes = Object.keys(REFUSALS);
  if (codes.includes(code)) return;
  const hint = didYouMean(code, codes) || `the codes are ${codes.join(", ")}`;
  draft.error(child(node, "refused") ?? node, "bad-value", `"${code}" is not a code of a refusal`, hint);
}
