import { basename } from "node:path";
import type { Command } from "../../command/command.ts";
import type { Template } from "../../command/template.ts";
import type { Draft } from "../draft.ts";
import type { ScalarNode } from "../node.ts";

/** The texts that a command's argv is written in. */
export function argvNodes(draft: Draft): readonly ScalarNode[] {
  return ["run", "script", "args"].flatMap((key) => {
    const node = draft.nodeOf(key);
    const items = node?.kind === "sequence" ? node.items : node ? [node] : [];
    return items
      .flatMap((item) => (item.kind === "sequence" ? item.items : [item]))
      .filter((item) => item.kind === "scalar");
  });
}

/** All elements of an argv after the program, those of groups too. */
export function elementsOf({ program }: Command): readonly Template[] {
  if (program.kind === "shell") return [];
  return program.items.flatMap((item) => {
    if (item.kind === "flags") return [];
    return item.kind === "group" ? item.elements.map(({ template }) => template) : [item.template];
  });
}

/** Those that are the same for every call. */
export function literalsOf(command: Command): readonly string[] {
  return elementsOf(command).flatMap(([only, ...more]) =>
    typeof only === "string" && more.length === 0 ? [only] : [],
  );
}

/** The name of the program without its folder; empty for what runs none. */
export function programOf({ program, webhook }: Command): string {
  return webhook || program.kind === "shell" ? "" : basename(program.name);
}
