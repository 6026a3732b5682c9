// What the plugins of the build read from a file's syntax tree.
import { parseAst } from "rolldown/parseAst";

export interface Node extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function treeOf(code: string): Node {
  const program: unknown = parseAst(code);
  if (isNode(program)) return program;
  throw new Error("the parser gave no tree");
}

export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter(isNode);
}

export function nameOf(node: unknown): string {
  return isNode(node) && node.type === "Identifier" ? String(node["name"]) : "";
}
