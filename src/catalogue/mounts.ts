import { posix } from "node:path";
import type { Mount, MountSource } from "../command/container.ts";
import { isInside } from "../command/path.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { type Sight, looksLikeOptions, unsafePath } from "../command/unsafe.ts";
import { folderAt, type Setting, within } from "./draft.ts";
import type { Node, ScalarNode } from "./node.ts";
import { typesOf } from "./params.ts";
import { type Reader, templateOf } from "./places.ts";

const FORM = "`FROM:TO` or `FROM:TO:ro`, with TO an absolute path inside";
const LIKE = 'write it like "${{ workspace }}:/work:ro"';

export interface MountReader {
  readonly reader: Reader;
  readonly setting: Setting;
  /** Whether a mount that gives the container the host is only warned of. */
  readonly allowUnsafe: boolean;
  readonly engines: readonly string[];
}

/** Reads `mounts`; what is wrong with them is reported, and left out. */
export function readMounts(context: MountReader, node: Node | undefined): readonly Mount[] | undefined {
  if (node?.kind !== "sequence") return undefined;
  const { draft } = context.reader;
  const mounts: Mount[] = [];
  for (const item of node.items) {
    const mount = item.kind === "scalar" && !draft.isBroken(item) ? readMount(context, item) : null;
    if (mount && mounts.some(({ target }) => target === mount.target))
      draft.error(item, "container-mount", `two mounts stand at ${mount.target}`, "give one of them another place");
    if (mount) mounts.push(mount);
  }
  return mounts;
}

/** The one spelling of a place inside that something can be mounted at; undefined: it is none. */
export function placeInside(path: string): string | undefined {
  return path.startsWith("/") &&
    posix.normalize(path) !== "/" &&
    !path.split("/").includes("..") &&
    !looksLikeOptions(path)
    ? posix.normalize(path).replace(/\/$/, "")
    : undefined;
}

function readMount(context: MountReader, node: ScalarNode): Mount | null {
  const { reader } = context;
  const { draft } = reader;
  const template = templateOf(reader, node);
  if (mentioned(template).some((name) => !reader.names.has(name))) return null;
  const split = splitMount(template, context.setting.workspace);
  if (!split) return draft.error(node, "container-mount", `expected ${FORM}, came ${JSON.stringify(node.value)}`, LIKE);
  const { from, to, readOnly } = split;
  const target = placeInside(to);
  const { start, end } = within(draft, node, `:${to}`);
  if (target === undefined)
    return draft.error(
      start === node.start ? node : { start: start + 1, end },
      "container-mount",
      `expected an absolute path inside, without \`..\`, commas and quotes, came ${JSON.stringify(to)}`,
      LIKE,
    );
  const source = readSource(context, node, { from, readOnly });
  return source && { source, target, readOnly };
}

interface Split {
  readonly from: Template;
  readonly to: string;
  readonly readOnly: boolean;
}

/** The colons that part it stand in the text, never in a value; behind the first one only the workspace is filled in. */
function splitMount(template: Template, workspace: string): Split | null {
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
  const to = parts.map((each) => (typeof each === "string" ? each : workspace)).join("");
  return to === "" ? null : { from, to, readOnly: mode === "ro" };
}

type From = Pick<Split, "from" | "readOnly">;

function readSource(context: MountReader, node: ScalarNode, { from, readOnly }: From): MountSource | null {
  const { reader, setting } = context;
  const { draft } = reader;
  const name = lonePlace(from);
  const names = mentioned(from).filter((each) => each !== "workspace");
  if (name !== undefined && names.length > 0) return readParameter(context, node, { name, readOnly });
  if (names.length > 0)
    return draft.error(
      node,
      "container-mount",
      "what is mounted is constant, or one parameter of `type: path` alone",
      "write only its placeholder before the colon",
    );
  const text = from.map((part) => (typeof part === "string" ? part : setting.workspace)).join("");
  if (/^[A-Za-z0-9][\w.-]+$/.test(text)) return { kind: "volume", name: text };
  if (!/^(?:\/|\.\.?(?:\/|$)|~(?:\/|$))/.test(text))
    return draft.error(
      within(draft, node, text),
      "container-mount",
      `${JSON.stringify(text)} is neither a path nor the name of a volume`,
      `write "./${text}" for a folder of the workspace; the name of a volume has two letters or more, digits, _ . and -`,
    );
  const path = folderAt(text, setting);
  const real = setting.world.real(path);
  const fault = real === undefined ? "is behind a symbolic link that is broken" : looksLikeOptions(real) ? LISTED : "";
  if (real === undefined || fault !== "")
    return draft.error(node, "container-mount", `${JSON.stringify(path)} ${fault}`, "mount another folder or file");
  checkSight(context, node, { path: real, readOnly });
  return { kind: "bind", path: [real] };
}

const LISTED = "has a comma, a quote or a control character in it, which some engines read as options of a mount";

function readParameter(
  context: MountReader,
  node: ScalarNode,
  { name, readOnly }: { readonly name: string; readonly readOnly: boolean },
): MountSource | null {
  const { reader } = context;
  const parameter = reader.params.list.find((each) => each.name === name);
  const words = reader.params.raw.get(name);
  if (!parameter?.path || !words || typesOf(words).includes("array"))
    return reader.draft.error(
      within(reader.draft, node, name),
      "container-mount",
      `"${name}" is not one path, and only one that is checked can be mounted`,
      "give it `type: path`",
    );
  // What is given is checked at each call; here only a root counts that no safe path lies below.
  for (const root of parameter.path.roots)
    checkSight(context, node, { path: root, readOnly }, root === "/" ? root : posix.join(root, "any"));
  return { kind: "bind", path: [{ param: name }] };
}

function checkSight(context: MountReader, node: Node, { path, readOnly }: Sight, seen = path): void {
  const { setting, allowUnsafe, engines } = context;
  const { draft } = context.reader;
  const fault = unsafePath({ path: seen, readOnly }, { host: setting.world.host, engines });
  if (fault !== undefined) {
    const message = `${path} would give the container ${fault}`;
    if (allowUnsafe) draft.warn(node, "container-unsafe", message);
    else draft.error(node, "container-unsafe", message, "mount less, or set `allow_unsafe: true`");
  } else if (!readOnly && setting.files.some((file) => isInside(path, file))) {
    draft.warn(
      node,
      "container-unsafe",
      "the container could change this catalogue, and so what runs on the host",
      "add `:ro`, mount a folder that does not hold it, or set `workspace` to another folder",
    );
  }
}
