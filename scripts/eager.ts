// Has V8 compile at once what every start runs.
import { type Node, childrenOf, isNode, nameOf, treeOf } from "./syntax.ts";

const EXPRESSIONS = new Set(["ArrowFunctionExpression", "FunctionExpression"]);

/**
 * Puts the functions whose ranges are named (`start-end`) in parentheses, which V8 takes for a sign that they are called soon: it compiles them
 * with the file. Node keeps what is compiled before a file runs, and nothing that is compiled later, so that all others are compiled again at
 * each start. A declaration becomes a `var` at the head of its scope, where declarations count from, too. Methods stay as they are.
 */
export function eager(code: string, ranges: ReadonlySet<string>): string {
  const bodies = new Set<Node>();
  const isNamed = ({ start, end }: Node): boolean => ranges.has(`${start}-${end}`);

  function print(node: Node, parent?: Node): string {
    const isFunction = EXPRESSIONS.has(node.type) && parent?.type !== "MethodDefinition" && !isMethod(parent);
    return isFunction && isNamed(node) ? `(${within(node)})` : within(node);
  }

  function within(node: Node, unnamed?: unknown): string {
    if (isNode(node["body"]) && "params" in node) bodies.add(node["body"]);
    const statements = node.type === "Program" || bodies.has(node) ? [node["body"]].flat().filter(isNode) : [];
    const moved = statements.filter((each) => isNamed(each) && isOnly(each, statements));
    const head = statements.find(
      ({ type, directive }) => type !== "ImportDeclaration" && typeof directive !== "string",
    );
    let text = "";
    let at = node.start;
    for (const child of childrenOf(node).toSorted((one, other) => one.start - other.start)) {
      // The two of `{ name }` are in one place.
      if (child.start < at) continue;
      text += code.slice(at, child.start);
      if (child === head && moved.length > 0) text += `var ${moved.map(declared).join(",")};`;
      // What stands before it may end where it begins, without a semicolon of its own.
      if (moved.includes(child)) text += ";";
      else if (child !== unnamed) text += print(child, node);
      at = child.end;
    }
    return text + code.slice(at, node.end);
  }

  /** Without a name of its own it means within what it means outside, and is called by the variable's. */
  function declared(node: Node): string {
    return `${nameOf(node["id"])}=(${within(node, node["id"])})`;
  }

  return print(treeOf(code));
}

function isMethod(parent: Node | undefined): boolean {
  return parent?.type === "Property" && (parent["method"] === true || parent["kind"] !== "init");
}

/** Whether it is a function's declaration, and no other in its scope has its name. */
function isOnly({ type, id }: Node, statements: readonly Node[]): boolean {
  return type === "FunctionDeclaration" && statements.filter((each) => nameOf(each["id"]) === nameOf(id)).length === 1;
}
