import type { FilePlace } from "../command/file-place.ts";
import { isInside } from "../command/path.ts";
import { lonePlace, mentioned } from "../command/template.ts";
import { type Setting, folderAt } from "./draft.ts";
import { type Reader, templateOf } from "./places.ts";

export interface FileOptions {
  /** Real paths; where a constant path may lead. */
  readonly roots: readonly string[];
  readonly setting: Setting;
  /** What to do about one that leads elsewhere. */
  readonly hint: string;
}

/** The file that a key names; null where it is not there, or was reported. Other text than one path could lead anywhere. */
export function readFilePlace(reader: Reader, key: string, options: FileOptions): FilePlace | null {
  const { draft, params } = reader;
  const node = draft.nodeOf(key);
  if (node?.kind !== "scalar") return null;
  const template = templateOf(reader, node);
  const names = mentioned(template);
  if (names.every((name) => name === "workspace")) {
    const path = readConstantPath(reader, key, options);
    return path === null ? null : { path: [path], rule: { roots: options.roots, exists: "file" } };
  }
  const parameter = params.list.find(({ name }) => name === lonePlace(template));
  if (parameter?.path) return { path: template, rule: { ...parameter.path, exists: "file" } };
  if (names.every((name) => params.raw.has(name)))
    draft.error(
      node,
      "path-place",
      "a file is a constant path or one argument of `type: path`",
      "write only its place",
    );
  return null;
}

/** The absolute path that a key names; null where it is not there, mentions an argument, or leads out of the roots. */
export function readConstantPath(reader: Reader, key: string, { roots, setting, hint }: FileOptions): string | null {
  const { draft } = reader;
  const node = draft.nodeOf(key);
  if (node?.kind !== "scalar") return null;
  const template = templateOf(reader, node);
  if (mentioned(template).some((name) => name !== "workspace"))
    return draft.error(node, "path-place", `\`${key}\` is a constant path`, "write the path itself");
  const words = template.map((part) => (typeof part === "string" ? part : setting.workspace)).join("");
  const path = folderAt(words, setting);
  const real = setting.world.real(path) ?? path;
  if (roots.some((root) => isInside(root, real))) return path;
  const where = roots.length === 1 && roots[0] === setting.workspace ? "the workspace" : "what `within` names";
  return draft.error(node, "path-place", `${JSON.stringify(node.value)} leads out of ${where}`, hint);
}
