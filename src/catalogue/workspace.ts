import { dirname, isAbsolute, join, resolve } from "node:path";
import type { CatalogueFile } from "./files.ts";
import { child, valueAt } from "./node.ts";
import type { Report } from "./report.ts";
import type { World } from "./world.ts";

/** The folder that `within: workspace` and `${{ workspace }}` mean. */
export interface Workspace {
  /** Its real path. */
  readonly path: string;
  /** Whether a root that a client offers takes its place. */
  readonly takesRoots: boolean;
  /** Whether nobody has named it, and a path at which nothing is stands in its place. */
  readonly isUnknown: boolean;
}

export interface WorkspaceOptions {
  /** Wins over all else; relative to the working directory. */
  readonly workspace?: string | undefined;
  /** The folder of the client, where the catalogue leaves it to the client. */
  readonly root?: string | undefined;
}

/** What leaves it to the client. */
const CLIENT = "client";
const UNKNOWN = "folder-of-the-client";
/** In these, clients name the folder of the project that they have open to the servers that they start. */
const VARIABLES = ["CLAUDE_PROJECT_DIR", "CURSOR_PROJECT_DIR", "GEMINI_PROJECT_DIR"];

/** Reads `workspace` of the main file. */
export function readWorkspace(
  main: CatalogueFile,
  { workspace: option, root }: WorkspaceOptions,
  world: World,
  report: Report,
): Workspace {
  const folder = dirname(main.source.path);
  const written = valueAt(main.root, "workspace");
  if (written === CLIENT && option === undefined) {
    const named = root ?? VARIABLES.map((name) => world.env(name) ?? "").find((path) => isFolder(path, world));
    const path = named ?? join(folder, UNKNOWN);
    return { path: world.real(path) ?? path, takesRoots: true, isUnknown: named === undefined };
  }
  const path = option === undefined ? resolve(folder, typeof written === "string" ? written : ".") : resolve(option);
  const found = world.kind(path) === "folder" ? world.real(path) : undefined;
  const correct = option === undefined ? "correct `workspace`" : "correct `--workspace`";
  const node = option === undefined ? (child(main.root, "workspace") ?? main.root) : main.root;
  if (found === undefined)
    report.error(main.source, node, "bad-value", `the workspace ${path} is not a folder`, correct);
  return { path: found ?? path, takesRoots: false, isUnknown: false };
}

function isFolder(path: string, world: World): boolean {
  return isAbsolute(path) && world.kind(path) === "folder";
}
