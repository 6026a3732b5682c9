import type { Mount, MountSource } from "../command/container.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { unsafePath } from "../command/unsafe.ts";
import { folderAt, type Setting } from "./draft.ts";
import type { Node, ScalarNode } from "./node.ts";
import { type Reader, checkArrayInText, templateOf } from "./places.ts";

const FORM = "`FROM:TO` or `FROM:TO:ro`, with TO an absolute path inside, such as `${{ workspace }}:/work:ro`";

export interface MountReader {
  readonly reader: Reader;
  readonly setting: Setting;
  /** Whether a mount that gives the container the host is only warned of. */
  readonly allowUnsafe: boolean;
}

/** Reads `mounts`; what is wrong with them is reported, and left out. */
export function readMounts(context: MountReader, node: Node | undefined): readonly Mount[] | undefined {
  if (node?.kind !== "sequence") return undefined;
  const { draft } = context.reader;
  const mounts: Mount[] = [];
  for (const item of node.items) {
    const mount = item.kind === "scalar" && !draft.isBroken(item) ? readMount(context, item) : null;
    if (mount && mounts.some(({ target }) => target === mount.target))
      draft.error(item, "container-mount", `two mounts stand at ${mount.target}`, "give one another place");
    if (mount) mounts.push(mount);
  }
  return mounts;
}

function readMount(context: MountReader, node: ScalarNode): Mount | null {
  const { reader } = context;
  const { draft } = reader;
  const template = templateOf(reader, node);
  for (const name of mentioned(template)) checkArrayInText(reader, node, name);
  const split = splitMount(template, context.setting.workspace);
  if (!split) return draft.error(node, "container-mount", `expected ${FORM}`);
  const { from, target, readOnly } = split;
  if (!/^\/[^/]/.test(target) || target.split("/").includes(".."))
    return draft.error(node, "container-mount", `expected an absolute path inside, came ${target || "nothing"}`);
  const source = readSource(context, node, from);
  return source && { source, target: target.replace(/\/+$/, ""), readOnly };
}

/** The colons that part it stand in the text, never in a value; behind the first one only the workspace is filled in. */
function splitMount(
  template: Template,
  workspace: string,
): { from: Template; target: string; readOnly: boolean } | null {
  const at = template.findIndex((part) => typeof part === "string" && part.includes(":"));
  const part = template[at];
  if (typeof part !== "string") return null;
  const colon = part.indexOf(":");
  const [head, first] = [part.slice(0, colon), part.slice(colon + 1)];
  const from = [...template.slice(0, at), ...(head === "" ? [] : [head])];
  const rest = [first, ...template.slice(at + 1)];
  if (from.length === 0 || rest.some((each) => typeof each === "object" && each.param !== "workspace")) return null;
  const last = rest.at(-1);
  const [, tail = "", mode] = /^(.*?)(?::(ro|rw))?$/s.exec(typeof last === "string" ? last : "") ?? [];
  const parts = typeof last === "string" ? [...rest.slice(0, -1), tail] : rest;
  if (parts.some((each) => typeof each === "string" && each.includes(":"))) return null;
  return {
    from,
    target: parts.map((each) => (typeof each === "string" ? each : workspace)).join(""),
    readOnly: mode === "ro",
  };
}

function readSource(context: MountReader, node: ScalarNode, from: Template): MountSource | null {
  const { reader, setting } = context;
  const name = lonePlace(from);
  const names = mentioned(from).filter((each) => each !== "workspace");
  if (name !== undefined && names.length > 0) return readParameter(context, node, { name, from });
  if (names.length > 0)
    return reader.draft.error(
      node,
      "container-mount",
      "what is mounted is constant, or one parameter of `type: path` alone",
      "write only its placeholder before the colon",
    );
  const text = from.map((part) => (typeof part === "string" ? part : setting.workspace)).join("");
  if (/^[A-Za-z0-9][\w.-]*$/.test(text)) return { kind: "volume", name: text };
  const path = folderAt(text, setting);
  const real = setting.world.real(path) ?? path;
  checkSafe(context, node, real);
  return { kind: "bind", path: [real] };
}

function readParameter(
  context: MountReader,
  node: ScalarNode,
  { name, from }: { readonly name: string; readonly from: Template },
): MountSource | null {
  const { reader } = context;
  const parameter = reader.params.list.find((each) => each.name === name);
  if (!parameter?.path)
    return reader.draft.error(
      node,
      "container-mount",
      `"${name}" is not a path, and only one that is checked can be mounted`,
      "give it `type: path`",
    );
  for (const root of parameter.path.roots) checkSafe(context, node, root);
  return { kind: "bind", path: from };
}

function checkSafe({ reader: { draft }, setting, allowUnsafe }: MountReader, node: Node, path: string): void {
  const fault = unsafePath(path, setting.world.host);
  if (fault === undefined) return;
  const message = `${path} would give the container ${fault}`;
  if (allowUnsafe) draft.warn(node, "container-unsafe", message);
  else draft.error(node, "container-unsafe", message, "mount less, or set `allow_unsafe: true`");
}
