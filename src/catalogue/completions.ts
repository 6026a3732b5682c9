import type { Typed } from "../command/texts.ts";
import type { Draft } from "./draft.ts";
import { type Node, child } from "./node.ts";
import type { Reader } from "./places.ts";
import { type Known, namesOfUse, readUse, useOf } from "./use.ts";

/** Reads `complete` of all arguments; `readerOf` gives the reader of a mapping. */
export function readCompletions(draft: Draft, known: Known, readerOf: (draft: Draft) => Reader): Typed["completions"] {
  const params = draft.nodeOf("params");
  const entries = params?.kind === "mapping" ? [...params.entries] : [];
  return Object.fromEntries(
    entries.flatMap(([name, { value }]) => {
      const node = child(value, "complete");
      if (value.kind !== "mapping" || !node || draft.isBroken(node)) return [];
      const argument = draft.inside(value);
      const fault = faultOf(value);
      if (fault !== undefined) {
        argument.error(argument.at("complete"), "command-use", fault, "remove it");
        return [];
      }
      const use =
        node.kind === "mapping"
          ? readUse(readerOf(draft.inside(node)), known)
          : node.kind === "scalar"
            ? useOf(readerOf(argument), known, { at: node, args: null })
            : null;
      return use ? [[name, use]] : [];
    }),
  );
}

/** The arguments that they mention. */
export function namesOfAll(completions: Typed["completions"]): readonly string[] {
  return Object.values(completions).flatMap(namesOfUse);
}

function faultOf(argument: Node): string | undefined {
  if (child(argument, "enum")) return "the values of an `enum` are offered already";
  const type = child(argument, "type");
  const kind = type?.kind === "scalar" ? type.value : "";
  if (kind === "path") return "paths are offered already";
  return kind === "boolean" ? "`true` and `false` are offered already" : undefined;
}
