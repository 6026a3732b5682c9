import type { Command } from "../command/command.ts";
import type { Mount } from "../command/container.ts";
import { isInside } from "../command/path.ts";
import { lonePlace } from "../command/template.ts";
import type { Read } from "./needs.ts";
import { child, keyAt } from "./node.ts";
import type { Range } from "./source.ts";

/**
 * Reports mounts that begin where a container writes. Engines follow links with the rights of root, and look again after any check
 * of ours: whoever can put a link in the place of a source is shown what it leads to.
 */
export function checkApart(read: readonly Read[]): void {
  const writable = read.flatMap(({ command }) =>
    mountsOf(command).flatMap((mount) =>
      mount.readOnly ? [] : placesOf(mount, command).map((path) => ({ path, name: command.name })),
    ),
  );
  if (writable.length === 0) return;
  for (const { draft, command } of read) {
    const fault = mountsOf(command)
      .map((mount) => faultOf(mount, command, writable))
      .find((each) => each !== undefined);
    if (fault === undefined) continue;
    const hint =
      "mount the folder around it, give that mount `:ro`, set `concurrency: 1` where it is the same command, or `allow_unsafe: true`";
    if (command.container?.allowUnsafe) draft.warn(placeIn(draft), "container-unsafe", fault);
    else draft.error(placeIn(draft), "container-unsafe", fault, hint);
  }
}

function mountsOf({ container }: Command): readonly Mount[] {
  return container?.mounts ?? [];
}

/** The host's paths that a mount may begin at or below. */
function placesOf({ source }: Mount, { params }: Command): readonly string[] {
  if (source.kind === "volume") return [];
  const [only] = source.path;
  if (typeof only === "string") return [only];
  return params.find(({ name }) => name === lonePlace(source.path))?.path?.roots ?? [];
}

interface Writable {
  readonly path: string;
  readonly name: string;
}

function faultOf(mount: Mount, command: Command, writable: readonly Writable[]): string | undefined {
  const isFixed = mount.source.kind === "bind" && typeof mount.source.path[0] === "string";
  for (const place of placesOf(mount, command)) {
    const by = writable.find(({ path, name }) => {
      // Whoever runs alone has no one who could put a link there meanwhile.
      if (name === command.name && command.concurrency === 1) return false;
      // The first folder of a mount cannot be replaced from inside; what lies below it can.
      return isFixed ? path !== place && isInside(path, place) : isInside(path, place) || isInside(place, path);
    });
    if (by)
      return `${place} lies where the container of "${by.name}" writes: a link put there would show this one anything of the host`;
  }
  return undefined;
}

function placeIn({ node, at }: Read["draft"]): Range {
  const container = child(node, "container");
  return container?.kind === "mapping" ? keyAt(container, "mounts") : at("container");
}
