import type { Template } from "./template.ts";

/** The container that a command runs in, complete. Plain JSON data. */
export interface Container {
  readonly image: string;
  readonly pull: "never" | "missing" | "always";
  /** `none`, `bridge`, `host`, or a network's name. */
  readonly network: string;
  readonly mounts: readonly Mount[];
  /** An absolute path inside; null: the command's `cwd` where that is mounted, else the image's. */
  readonly workdir: string | null;
  /** Null: the image's, but never root. */
  readonly user: string | null;
  readonly allowRoot: boolean;
  readonly allowUnsafe: boolean;
  readonly privileged: boolean;
  /** The host's namespaces that it shares. */
  readonly share: readonly HostNamespace[];
  readonly readOnly: boolean;
  /** Absolute paths inside, with their sizes in bytes. */
  readonly tmpfs: Readonly<Record<string, number>>;
  /** Those that are kept, without the `CAP_` before them. */
  readonly capabilities: readonly string[];
  /** Addresses of engines that may run it; none: the one that the environment names. */
  readonly engines: readonly string[];
  /** How many stand started and waiting. */
  readonly warm: number;
}

export type HostNamespace = "pid" | "ipc" | "uts";

/** Something of the host, or a volume of the engine, and the absolute path inside at which it is seen. */
export interface Mount {
  readonly source: MountSource;
  readonly target: string;
  readonly readOnly: boolean;
}

/** A folder or file of the host, absolute when its places are filled; it is left out where a parameter of it is absent. */
export type MountSource =
  | { readonly kind: "bind"; readonly path: Template }
  | { readonly kind: "volume"; readonly name: string };

/** The engines that may run it; null: the one that the environment names. */
export function enginesOf({ engines }: Pick<Container, "engines">): readonly (string | null)[] {
  return engines.length === 0 ? [null] : engines;
}
