import { createInterpolator } from "./interpolate.ts";
import { originalPrograms, shellTexts } from "./legacy.ts";
import type { Node } from "./node.ts";
import type { Report } from "./report.ts";
import { type Source, findText } from "./source.ts";
import type { World } from "./world.ts";

type Environment = Pick<World, "env">;

/** The places of a text that this environment does not fill in, as they are written and in their order. */
export function unfilled(text: string, world: Environment): readonly string[] {
  const places: string[] = [];
  createInterpolator(world).fill(text, (written) => {
    places.push(written);
    return "";
  });
  return places;
}

/**
 * Warns of each `${NAME}` that the original left to a shell or filled in, depending on where the file was read. Rewritten it can
 * say one of the two: what holds in this environment.
 */
export function warnOfShells(source: Source, root: Node, world: Environment, report: Report): void {
  for (const node of new Set(originalPrograms(root).flatMap(shellTexts))) {
    const nowhere = new Set(unfilled(node.text, { env: () => "set" }));
    const here = new Set(unfilled(node.text, world));
    for (const written of new Set(unfilled(node.text, { env: () => undefined }))) {
      if (nowhere.has(written)) continue;
      const name = /\w+/.exec(written)?.[0] ?? "";
      const [message, hint] = here.has(written)
        ? [
            `\`${written}\` is the shell's own, as ${name} is not set here; where it is set, it was its value`,
            `write \`$\{${name}:-}\` for the value`,
          ]
        : [
            `\`${written}\` is read as its value, as ${name} is set here; where it is not, it was the shell's own, and is an error now`,
            `write \`$$\{${name}}\` for the shell's own`,
          ];
      report.warn(source, findText(source.text, node, written), "legacy", message, hint);
    }
  }
}
