import catalogueSchema from "../../schemas/mcpfier.schema.json" with { type: "json" };
import { didYouMean } from "../base/nearest.ts";
import type { Container } from "../command/container.ts";
import { CAPABILITIES, unsafePath, unsafeSettings } from "../command/unsafe.ts";
import { isExposed, parseAddress } from "../containers/address.ts";
import { isSecured } from "../containers/locate.ts";
import type { Draft, Setting } from "./draft.ts";
import { type MountReader, placeInside, readMounts } from "./mounts.ts";
import { type Node, keyAt } from "./node.ts";
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
  if (!inner.mayHave("mounts") && inner.mayHave("allow_unsafe")) checkInherited(inner, container, setting);
  return container;
}

/** What holds for the command as a whole: an image, places that do not clash, and `/tmp` where nothing else could be written. */
export function completeContainer(draft: Draft, container: Container | null): Container | null {
  if (!container) return null;
  if (container.image === "" && draft.isSound())
    draft.error(draft.at("container"), "missing-key", "the container has no image", "add `image:`");
  const { readOnly, tmpfs, mounts } = container;
  const clash = mounts.find(({ target }) => Object.hasOwn(tmpfs, target));
  if (clash)
    draft.error(
      draft.at("container"),
      "container-mount",
      `a mount and a \`tmpfs\` stand at ${clash.target}`,
      "give one of them another place",
    );
  const hasTmp = Object.hasOwn(tmpfs, TMP) || mounts.some(({ target }) => target === TMP);
  return readOnly && !hasTmp ? { ...container, tmpfs: { ...tmpfs, [TMP]: TMP_BYTES } } : container;
}

const IMAGE = catalogueSchema.definitions.container.properties.image;

function readShort(draft: Draft, node: Node, before: Container | null): Container | null {
  const value = draft.get("container");
  if (value === false) return null;
  if (typeof value === "string" && new RegExp(IMAGE.pattern).test(value))
    return { ...(before ?? CONTAINER), image: value };
  const came = typeof value === "string" ? JSON.stringify(value) : "true";
  draft.error(node, "bad-value", `expected ${IMAGE["x-expected"]}, or false, came ${came}`);
  return before;
}

function readBlock(reader: Reader, before: Container, setting: Setting): Container {
  const { draft } = reader;
  const get = <Key extends keyof Container>(key: string, name: Key): Container[Key] =>
    (draft.get(key) as Container[Key] | undefined) ?? before[name];
  const allowUnsafe = get("allow_unsafe", "allowUnsafe");
  const engines = readEngines(draft, setting) ?? before.engines;
  const context: MountReader = { reader, setting, allowUnsafe, engines };
  return {
    image: get("image", "image"),
    pull: get("pull", "pull"),
    network: get("network", "network"),
    mounts: readMounts(context, draft.nodeOf("mounts")) ?? before.mounts,
    workdir: readWorkdir(draft) ?? before.workdir,
    user: get("user", "user"),
    allowRoot: get("allow_root", "allowRoot"),
    allowUnsafe,
    privileged: get("privileged", "privileged"),
    share: get("share", "share"),
    readOnly: get("read_only", "readOnly"),
    tmpfs: readTmpfs(draft) ?? before.tmpfs,
    capabilities: readCapabilities(draft) ?? before.capabilities,
    engines,
    warm: get("warm", "warm"),
  };
}

function readWorkdir(draft: Draft): string | null {
  const path = draft.get("workdir");
  if (typeof path !== "string") return null;
  if (path === "/") return path;
  const place = placeInside(path);
  return place ?? draft.error(draft.nodeOf("workdir") ?? draft.node, "bad-value", expectedInside(path));
}

function expectedInside(path: string): string {
  return `expected an absolute path inside, without \`..\`, commas and quotes, came ${JSON.stringify(path)}`;
}

function readTmpfs(draft: Draft): Container["tmpfs"] | undefined {
  const node = draft.nodeOf("tmpfs");
  if (node?.kind !== "mapping") return undefined;
  const sizes = draft.inside(node);
  const found: Record<string, number> = {};
  for (const [path, { key }] of node.entries) {
    const place = path.includes(":") ? undefined : placeInside(path);
    const size = readSize(sizes, path, ANY_SIZE);
    if (place === undefined) draft.error(key, "bad-value", `${expectedInside(path)}, without a colon too`);
    else if (size !== null) found[place] = size;
  }
  return found;
}

function readCapabilities(draft: Draft): readonly string[] | undefined {
  const node = draft.nodeOf("capabilities");
  if (node?.kind !== "sequence" || draft.get("capabilities") === undefined) return undefined;
  return node.items.map((item) => {
    const name = item.kind === "scalar" ? String(item.value).replace(/^CAP_/, "") : "";
    if (!CAPABILITIES.has(name))
      draft.error(item, "bad-value", `Linux has no capability ${name}`, didYouMean(name, CAPABILITIES));
    return name;
  });
}

function readEngines(draft: Draft, { world }: Setting): readonly string[] | undefined {
  const node = draft.nodeOf("engine");
  if (!node || draft.get("engine") === undefined) return undefined;
  return (node.kind === "sequence" ? node.items : [node]).map((item) => {
    const text = item.kind === "scalar" ? String(item.value) : "";
    const fault = faultOfEngine(text);
    if (fault !== undefined) draft.error(item, "bad-value", fault);
    const address = parseAddress(text);
    if (typeof address !== "string" && isExposed(address) && !isSecured(address, world.host))
      draft.warn(
        item,
        "container-engine",
        "the engine is spoken to over the network without TLS, for everybody to read and to use",
        "use https:// with client certificates, or ssh://",
      );
    return text;
  });
}

function faultOfEngine(text: string): string | undefined {
  if (text.startsWith("context://"))
    return /^context:\/\/\w[\w.+-]*$/.test(text) ? undefined : "expected a docker context's name after context://";
  const address = parseAddress(text);
  return typeof address === "string" ? address : undefined;
}

/** Each only where the block itself decides it: what it inherits was told there. */
function checkUser(draft: Draft, { user, allowRoot }: Container): void {
  const place = ["user", "allow_root"].find((key) => draft.mayHave(key));
  if (place === undefined || user === null || allowRoot || !/^(?:root|0+)(?::|$)/.test(user)) return;
  const range = draft.nodeOf(place) ?? draft.node;
  draft.error(
    range,
    "container-unsafe",
    "the user inside would be root",
    "name another one, or set `allow_root: true`",
  );
}

function checkUnsafe(draft: Draft, container: Container): void {
  for (const { key, what, item } of unsafeSettings(container)) {
    const own = draft.nodeOf(key);
    const list = own?.kind === "sequence" ? own.items : [];
    const place =
      list.find((each) => each.kind === "scalar" && String(each.value).replace(/^CAP_/, "") === item) ?? own;
    const message = `${what} would give the container the host`;
    if (!container.allowUnsafe && (own || draft.mayHave("allow_unsafe")))
      draft.error(
        place ?? draft.at("allow_unsafe"),
        "container-unsafe",
        message,
        "remove it, or set `allow_unsafe: true`",
      );
    else if (place) draft.warn(place, "container-unsafe", message);
  }
}

/** Mounts that `defaults` were allowed, and that this block is not. */
function checkInherited(draft: Draft, { allowUnsafe, mounts, engines }: Container, { world }: Setting): void {
  if (allowUnsafe) return;
  for (const { source, readOnly } of mounts) {
    const [path] = source.kind === "bind" ? source.path : [];
    if (typeof path !== "string") continue;
    const fault = unsafePath({ path, readOnly }, { host: world.host, engines });
    if (fault === undefined) continue;
    const message = `${path}, which \`defaults\` mount, would give the container ${fault}`;
    draft.error(keyAt(draft.node, "allow_unsafe"), "container-unsafe", message, "name other `mounts`");
  }
}
