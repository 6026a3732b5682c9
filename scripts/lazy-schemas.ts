// Has the protocol library make each of its schemas when it is first asked for.
import type { Plugin } from "rolldown";
import { type Node, childrenOf, isNode, nameOf, treeOf } from "./syntax.ts";

const MAKER = "mcpfierMadeOnce";
const SCOPES = new Set(["Program", "BlockStatement"]);
const NAMED = /^[A-Z]\w*Schema(?:\$\d+)?$/;
/** The library's tables from a method to its schema: their values are asked for one by one. */
const TABLE = /^registryMaps/;
/** It has some 350 of them; where fewer are found it was written anew, and this file must be, too. */
const LEAST = 300;

/**
 * Makes of `const NameSchema = f(...)`, in the start file, a function that makes it once, and calls that wherever the name stands.
 * A server checks a dozen kinds of messages, and making the 1,800 parts of the schemas for all kinds took a fifth of its start.
 * What the file exports stays as it is, and so does all that is right by the order of the file alone: making a schema does nothing else.
 */
export function lazySchemas(): Plugin {
  return {
    name: "lazy-schemas",
    renderChunk(code, { name }) {
      if (name !== "start") return undefined;
      const edits = [...editsIn(treeOf(code), { names: new Set(), code, isTable: false })];
      const made = edits.filter(({ text }) => text.startsWith(MAKER)).length;
      if (made < LEAST)
        this.error(`${made} schemas of the protocol library were found, and there were ${LEAST} at least`);
      return `${applied(code, edits)}\nfunction ${MAKER}(make) {\n  let made;\n  return () => (made ??= make());\n}\n`;
    },
  };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Walk {
  readonly names: ReadonlySet<string>;
  readonly code: string;
  readonly isTable: boolean;
}

/** Those that a scope declares as the result of a call, unless something within has the same name and is none, or it is exported. */
function namesIn(body: readonly Node[]): ReadonlySet<string> {
  const bindings = new Map<string, number>();
  const schemas = new Map<string, number>();
  const count = (names: Map<string, number>, node: unknown): void =>
    void names.set(nameOf(node), (names.get(nameOf(node)) ?? 0) + 1);
  const bind = (pattern: Node): void => {
    count(bindings, pattern);
    // The names of defaults, too: one fewer does no harm.
    childrenOf(pattern).forEach(bind);
  };
  const visit = (node: Node): void => {
    [node["id"], node["params"], node["param"]].flat().filter(isNode).forEach(bind);
    if (node.type === "ExportSpecifier" && isNode(node["local"])) bind(node["local"]);
    if (SCOPES.has(node.type)) visitAll([node["body"]].flat().filter(isNode));
    else childrenOf(node).forEach(visit);
  };
  const visitAll = (statements: readonly Node[]): void => {
    constantsOf(statements)
      .filter(isMade)
      .forEach(({ id }) => count(schemas, id));
    statements.forEach(visit);
  };
  visitAll(body);
  const isLazy = ({ id }: Node): boolean => schemas.get(nameOf(id)) === bindings.get(nameOf(id));
  const declared = constantsOf(body);
  const made = new Set(declared.filter((each) => isMade(each) && isLazy(each)).map(({ id }) => nameOf(id)));
  const sets = declared.filter(({ init }) => isSetOf(init, made)).map(({ id }) => nameOf(id));
  return new Set([...made, ...sets.filter((name) => bindings.get(name) === 1)]);
}

function constantsOf(statements: readonly Node[]): readonly Node[] {
  return statements.filter(({ kind }) => kind === "const").flatMap(childrenOf);
}

/** Whether it is a schema by a call, or another name of one. */
function isMade({ id, init }: Node): boolean {
  return NAMED.test(nameOf(id)) && isNode(init) && (init.type === "CallExpression" || NAMED.test(nameOf(init)));
}

/** What the library reads from a schema once, and looks up where one form in a thousand is sent. */
function isSetOf(init: unknown, schemas: ReadonlySet<string>): boolean {
  return isNode(init) && init.type === "NewExpression" && nameOf(init["callee"]) === "Set" && mentions(init, schemas);
}

function mentions(node: Node, names: ReadonlySet<string>): boolean {
  return names.has(nameOf(node)) || childrenOf(node).some((child) => mentions(child, names));
}

function* editsIn(node: Node, walk: Walk): Generator<Edit> {
  const { names, code } = walk;
  const { start, end, init, body, value } = node;
  if (isTypeGuards(node, code)) yield { start, end, text: "" };
  else if (SCOPES.has(node.type) && Array.isArray(body)) yield* editsWithin(body.filter(isNode), walk);
  else if (isNode(init) && names.has(nameOf(node["id"]))) {
    yield { start: init.start, end: init.start, text: `${MAKER}(() => ` };
    yield* editsIn(init, walk);
    yield { start: init.end, end: init.end, text: ")" };
  } else if (isLater(node, walk)) yield { start, end, text: getter(node, walk) };
  else if (isReady(node) && isNode(value)) {
    const name = nameOf(node["key"]);
    yield { start, end: value.start, text: `get ${name}() { const value = ` };
    yield* editsIn(value, walk);
    yield { start: value.end, end, text: `; Object.defineProperty(this, "${name}", { value }); return value; }` };
  } else if (names.has(nameOf(node))) yield { start: end, end, text: "()" };
  else {
    const within = TABLE.test(nameOf(node["id"])) ? { ...walk, isTable: true } : walk;
    for (const child of referring(node)) yield* editsIn(child, within);
  }
}

/** Without the name of a member, which refers to nothing. */
function referring(node: Node): readonly Node[] {
  const { type, key, property, computed } = node;
  const name = computed === true ? undefined : type === "MemberExpression" ? property : key;
  return childrenOf(node).filter((child) => child !== name);
}

function* editsWithin(body: readonly Node[], walk: Walk): Generator<Edit> {
  const names = new Set([...walk.names, ...namesIn(body)]);
  for (const each of body) yield* editsIn(each, { ...walk, names });
}

/** The library fills two tables with a guard for each type, which nothing here asks for. */
function isTypeGuards({ type, body }: Node, code: string): boolean {
  return type === "ForOfStatement" && isNode(body) && code.startsWith("register(key, ", body.start);
}

/** Whether it is a property that can be made when it is read, as the schemas' objects allow. */
function isLater({ type, value }: Node, { names, isTable }: Walk): boolean {
  if (type !== "Property" || !isNode(value)) return false;
  const isOfTable = isTable && value.type === "MemberExpression" && NAMED.test(nameOf(value["property"]));
  return isOfTable || names.has(nameOf(value));
}

/** Whether it is a property that is a schema by a call, made as its object is. */
function isReady({ type, key, value, computed }: Node): boolean {
  return (
    type === "Property" &&
    computed !== true &&
    NAMED.test(nameOf(key)) &&
    isNode(value) &&
    value.type === "CallExpression"
  );
}

function getter({ key, value, computed }: Node, { names, code }: Walk): string {
  const [name, given] = [key, value].map((part) => (isNode(part) ? code.slice(part.start, part.end) : ""));
  const result = names.has(nameOf(value)) ? `${given}()` : given;
  return `get ${computed === true ? `[${name}]` : name}() { return ${result}; }`;
}

function applied(code: string, edits: readonly Edit[]): string {
  let at = 0;
  let text = "";
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + code.slice(at);
}
