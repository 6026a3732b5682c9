import type { Node } from "jsonc-parser";
import { lazy } from "../../base/lazy.ts";
import { type Range, placeIn } from "../splice.ts";

export interface Member extends Range {
  readonly key: string;
  readonly value: Value;
}

/** A value with its place; `members` are those of an object, in order, and null for everything else. */
export interface Value extends Range {
  readonly members: readonly Member[] | null;
  /** What it stands for. */
  data(): unknown;
  /** As people call it: an object, a list, a text. */
  readonly kind: string;
}

/** JSON, perhaps with comments, and where all of it stands. */
export interface Text {
  readonly text: string;
  /** null: there is nothing but white space and comments. */
  readonly root: Value | null;
  readonly comments: readonly Range[];
  /** Where commas stand. */
  readonly commas: readonly number[];
  /** Values that are no objects and no lists. */
  readonly literals: readonly (Range & { readonly value: unknown })[];
}

export type Reader = (text: string, syntax: "json" | "jsonc") => Text | { readonly fault: string };

const library = lazy(() => import("jsonc-parser"));

/** Reads a text; what is wrong with it is said with its place, and nothing is guessed. A byte order mark is not a part of it. */
export async function createReader(): Promise<Reader> {
  const { parseTree, printParseErrorCode, visit, getNodeValue } = await library();

  return (text, syntax) => {
    const comments: Range[] = [];
    const commas: number[] = [];
    const literals: Text["literals"][number][] = [];
    const options = {
      allowTrailingComma: syntax === "jsonc",
      disallowComments: syntax === "json",
      allowEmptyContent: true,
    };
    try {
      let fault: { readonly offset: number; readonly what: string } | undefined;
      const onError = (code: number, offset: number): void => {
        fault ??= { offset, what: wordsOf(printParseErrorCode(code)) };
      };
      const onComment = (start: number, length: number): void => void comments.push({ start, end: start + length });
      const onSeparator = (sign: string, offset: number): void => void (sign === "," && commas.push(offset));
      const onLiteralValue = (value: unknown, start: number, length: number): void =>
        void literals.push({ start, end: start + length, value });
      visit(text, { onError, onComment, onSeparator, onLiteralValue }, options);
      if (fault) return { fault: `${placeIn(text, fault.offset)}: ${fault.what}` };
      const tree = parseTree(text, [], options);
      return { text, root: tree ? valueOf(tree, getNodeValue) : null, comments, commas, literals };
    } catch (error) {
      if (error instanceof RangeError) return { fault: "it is nested too deeply to be read" };
      throw error;
    }
  };
}

function valueOf(node: Node, dataOf: (node: Node) => unknown): Value {
  const place = { start: node.offset, end: node.offset + node.length };
  const members =
    node.type === "object"
      ? (node.children ?? []).flatMap(({ offset, length, children: [key, value] = [] }) =>
          key && value
            ? [{ start: offset, end: offset + length, key: String(key.value), value: valueOf(value, dataOf) }]
            : [],
        )
      : null;
  return { ...place, members, data: () => plain(dataOf(node)), kind: KINDS[node.type] ?? node.type };
}

/** The library's objects have no prototype, which comparisons mind. */
function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data));
}

const KINDS: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

const WORDS: Readonly<Record<string, string>> = {
  InvalidCommentToken: "a comment, which this client does not read",
  CommaExpected: "a comma is missing",
  ColonExpected: "a colon is missing",
  PropertyNameExpected: "a key in quotes is expected",
  ValueExpected: "a value is expected",
  CloseBraceExpected: "an object does not end",
  CloseBracketExpected: "a list does not end",
  EndOfFileExpected: "more follows where the text should end",
  UnexpectedEndOfComment: "a comment does not end",
  UnexpectedEndOfString: "a text does not end",
};

function wordsOf(code: string): string {
  return WORDS[code] ?? "it is no JSON";
}
