import type { Container } from "../command/container.ts";
import { unsafeSettings } from "../command/unsafe.ts";
import { parseAddress } from "../containers/address.ts";
import type { Draft, Setting } from "./draft.ts";
import { readMounts } from "./mounts.ts";
import type { MappingNode, Node } from "./node.ts";
import type { Reader } from "./places.ts";
import { ANY_SIZE, readSize } from "./quantity.ts";

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const CONTAINER: Container = {
  image: "",
  pull: "missing",
  network: "none",
  mounts: [],
  workdir: null,
  user: null,
  allowRoot: false,
  allowUnsafe: false,
  privileged: false,
  share: [],
  readOnly: true,
  tmpfs: {},
  capabilities: [],
  engines: [],
  warm: 0,
};

const TMP = "/tmp";
const TMP_BYTES = 64 * 1024 ** 2;

/** Reads `container` over what stands before it, key by key; null: it runs on the host. */
export function readContainer(reader: Reader, before: Container | null, setting: Setting): Container | null {
  const { draft } = reader;
  const node = draft.nodeOf("container");
  if (!node) return before;
  if (node.kind === "scalar") return readShort(draft, node, before);
  if (node.kind !== "mapping") return before;
  const inner = draft.inside(node);
  const container = readBlock({ ...reader, draft: inner }, before ?? CONTAINER, setting);
  checkUser(inner, container);
  checkUnsafe(inner, container);
  return container;
}

/** What holds for the command as a whole: an image, and `/tmp` where nothing else could be written. */
export function completeContainer(draft: Draft, container: Container | null): Container | null {
  if (!container) return null;
  if (container.image === "" && draft.isSound())
    draft.error(draft.at("container"), "missing-key", "the container has no image", "add `image:`");
  const { readOnly, tmpfs, mounts } = container;
  const hasTmp = Object.hasOwn(tmpfs, TMP) || mounts.some(({ target }) => target === TMP);
  return readOnly && !hasTmp ? { ...container, tmpfs: { ...tmpfs, [TMP]: TMP_BYTES } } : container;
}

function readShort(draft: Draft, node: Node, before: Container | null): Container | null {
  const value = draft.get("container");
  if (value === false) return null;
  if (typeof value === "string" && /^[A-Za-z0-9][\w./:@-]*$/.test(value))
    return { ...(before ?? CONTAINER), image: value };
  const came = typeof value === "string" ? JSON.stringify(value) : "true";
  draft.error(node, "bad-value", `expected the name of an image, such as python:3.13-slim, or false, came ${came}`);
  return before;
}

function readBlock(reader: Reader, before: Container, setting: Setting): Container {
  const { draft } = reader;
  const get = <Key extends keyof Container>(key: string, name: Key): Container[Key] =>
    (draft.get(key) as Container[Key] | undefined) ?? before[name];
  const allowUnsafe = get("allow_unsafe", "allowUnsafe");
  return {
    image: get("image", "image"),
    pull: get("pull", "pull"),
    network: get("network", "network"),
    mounts: readMounts({ reader, setting, allowUnsafe }, draft.nodeOf("mounts")) ?? before.mounts,
    workdir: readInside(draft, "workdir") ?? before.workdir,
    user: get("user", "user"),
    allowRoot: get("allow_root", "allowRoot"),
    allowUnsafe,
    privileged: get("privileged", "privileged"),
    share: get("share", "share"),
    readOnly: get("read_only", "readOnly"),
    tmpfs: readTmpfs(draft) ?? before.tmpfs,
    capabilities: get("capabilities", "capabilities").map((name) => name.replace(/^CAP_/, "")),
    engines: readEngines(draft) ?? before.engines,
    warm: get("warm", "warm"),
  };
}

/** An absolute path inside; null when it is absent or was reported. */
function readInside(draft: Draft, key: string): string | null {
  const path = draft.get(key);
  if (typeof path !== "string") return null;
  if (path.startsWith("/")) return path;
  return draft.error(draft.nodeOf(key) ?? draft.node, "bad-value", `expected an absolute path inside, came ${path}`);
}

function readTmpfs(draft: Draft): Container["tmpfs"] | undefined {
  const node = draft.nodeOf("tmpfs");
  if (node?.kind !== "mapping") return undefined;
  const sizes = draft.inside(node);
  const found: Record<string, number> = {};
  for (const [path, { key }] of node.entries) {
    if (!/^\/[^/]/.test(path)) draft.error(key, "bad-value", `expected an absolute path inside, came ${path}`);
    const size = readSize(sizes, path, ANY_SIZE);
    if (size !== null) found[path] = size;
  }
  return found;
}

function readEngines(draft: Draft): readonly string[] | undefined {
  const value = draft.get("engine") as string | readonly string[] | undefined;
  if (value === undefined) return undefined;
  const engines = [value].flat();
  for (const engine of engines) {
    const address = engine.startsWith("context://") ? null : parseAddress(engine);
    if (typeof address === "string") draft.error(draft.nodeOf("engine") ?? draft.node, "bad-value", address);
  }
  return engines;
}

function checkUser(draft: Draft, { user, allowRoot }: Container): void {
  if (user === null || allowRoot || !/^(?:root|0+)(?::|$)/.test(user)) return;
  draft.error(
    draft.nodeOf("user") ?? draft.node,
    "container-unsafe",
    "the user inside would be root",
    "name another one, or set `allow_root: true`",
  );
}

function checkUnsafe(draft: Draft, container: Container): void {
  const place = placeOfUnsafe(draft.node);
  for (const what of unsafeSettings(container)) {
    const message = `${what} would give the container the host`;
    if (container.allowUnsafe) draft.warn(draft.at(place), "container-unsafe", message);
    else draft.error(draft.at(place), "container-unsafe", message, "remove it, or set `allow_unsafe: true`");
  }
}

function placeOfUnsafe({ entries }: MappingNode): string {
  return ["privileged", "share", "network", "capabilities"].find((key) => entries.has(key)) ?? "image";
}
