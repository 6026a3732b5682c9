import { isAbsolute } from "node:path";
import type { Host } from "../../base/host.ts";
import { refuse } from "../../base/refusal.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { Container } from "../../command/container.ts";
import { isInside, realPath } from "../../command/path.ts";
import { looksLikeOptions, unsafePath } from "../../command/unsafe.ts";

/** A folder or file of the host, or a volume of the engine, and where it is seen. */
export interface PlannedMount {
  readonly kind: "bind" | "volume";
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/**
 * Refuses what an engine would mount otherwise than the catalogue says. An engine follows links as root: a container that may write
 * one mount could put a link where another one begins, and have the next call show it what it leads to.
 */
export function checkSources(
  mounts: readonly PlannedMount[],
  { allowUnsafe, engines }: Pick<Container, "allowUnsafe" | "engines">,
  host: Host,
): void {
  for (const { source, readOnly } of mounts.filter(({ kind }) => kind === "bind")) {
    const fault = allowUnsafe ? undefined : unsafePath({ path: source, readOnly }, { host, engines });
    if (fault !== undefined)
      throw refuse("path.outside", `${source} would give the container ${fault}; expected another path`);
    if (looksLikeOptions(source))
      throw refuse(
        "path.invalid",
        `${JSON.stringify(source)} has a comma, a quote or a control character in it, and engines could read it as options of a mount; expected another path`,
      );
  }
  checkUnmoved(mounts);
}

/** Refuses a mount that holds the socket of the very engine that would make it: only it knows where that is. */
export function checkSocket(mounts: readonly PlannedMount[], { address }: Pick<Daemon, "address">): void {
  if (address.kind !== "unix") return;
  const socket = realPath(address.path) ?? address.path;
  const mount = mounts.find(({ kind, source }) => kind === "bind" && isInside(source, socket));
  if (mount)
    throw refuse("path.outside", `${mount.source} would give the container the engine's socket; expected another path`);
}

/** Refuses a mount that shares files with where the very engine that would make it keeps all containers. */
export async function checkRoot(mounts: readonly PlannedMount[], { isLocal, info }: Daemon): Promise<void> {
  const binds = mounts.filter(({ kind }) => kind === "bind");
  if (!isLocal || binds.length === 0) return;
  const { root: told } = await info();
  if (!isAbsolute(told)) return;
  const root = realPath(told) ?? told;
  const mount = binds.find(({ source }) => isInside(source, root) || isInside(root, source));
  if (mount)
    throw refuse(
      "path.outside",
      `${mount.source} would give the container the files of all containers; expected another path`,
    );
}

/** Refuses what became a link since it was checked; looked at again just before an engine follows it. */
export function checkUnmoved(mounts: readonly PlannedMount[]): void {
  for (const { source } of mounts.filter(({ kind }) => kind === "bind")) {
    const real = realPath(source);
    if (real === undefined)
      throw refuse(
        "path.invalid",
        `${source} cannot be resolved: a symbolic link on it is broken, or a part of it is not readable; expected a path that mcpfier sees`,
      );
    if (real !== source)
      throw refuse("path.outside", `${source} leads to ${real} since it was checked; expected the path itself`);
  }
}
