import { dirname, resolve } from "node:path";
import type { Icon } from "../command/icon.ts";
import type { Draft, Setting } from "./draft.ts";
import type { Node } from "./node.ts";
import { type Picture, pictureOf } from "./picture.ts";

/** Characters of all pictures that stand in the lists of a catalogue: a message of over 10 MB ends a connection. */
const MOST_IN_ALL = 2 * 1024 * 1024;

export function createIconRoom(): Setting["iconRoom"] {
  let left = MOST_IN_ALL;
  return (characters) => (left -= characters) >= 0;
}

/** Reads `icons` of a command, of a resource, of a prompt or of the catalogue. */
export function readIcons(draft: Draft, setting: Setting): readonly Icon[] {
  const list = draft.nodeOf("icons");
  const items = list?.kind === "sequence" ? list.items : [];
  return items.flatMap((node) => {
    if (draft.isBroken(node)) return [];
    if (node.kind !== "mapping") return readPlace(draft, node, setting) ?? [];
    const icon = draft.inside(node);
    return icon.isUsable() ? (readIcon(icon, setting) ?? []) : [];
  });
}

function readIcon(icon: Draft, setting: Setting): Icon | null {
  const place = icon.nodeOf("src");
  const found = place ? readPlace(icon, place, setting) : null;
  if (!found) return null;
  return {
    src: found.src,
    mime: found.mime || icon.text("mime"),
    sizes: (icon.get("sizes") as readonly string[] | undefined) ?? found.sizes,
    theme: (icon.get("theme") as Icon["theme"] | undefined) ?? null,
  };
}

function readPlace(draft: Draft, place: Node, setting: Setting): Icon | null {
  if (place.kind !== "scalar") return null;
  const found = find(String(place.value), draft, setting);
  if ("fault" in found) return draft.error(place, "icon", `the icon ${found.fault}`, found.hint);
  const { src, mime } = found;
  if (setting.iconRoom(src.length)) return { src, mime, sizes: mime === "image/svg+xml" ? ["any"] : [], theme: null };
  const message = "the icon makes the pictures of all icons together larger than 2 MiB";
  return draft.error(place, "icon", message, "make it smaller, or name it by a URL of https");
}

type Found = { readonly src: string; readonly mime: string } | { readonly fault: string; readonly hint: string };

/** A file is found from the one that names it. */
function find(text: string, { source }: Draft, { world }: Setting): Found {
  if (/^https?:/i.test(text)) return linkOf(text);
  if (/^data:/i.test(text)) return dataOf(text);
  const path = resolve(dirname(source.path), text);
  return embed(world.picture(path), path);
}

/** Clients refuse every other scheme; who is allowed to see it must not stand in it. */
function linkOf(text: string): Found {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" && url.username === "" && url.password === "" && text.length <= 2000)
    return { src: url.href, mime: "" };
  return { fault: "is no URL that clients take", hint: "a URL begins with `https://`, and holds no name or password" };
}

const DATA = /^data:[\w.+-]+\/[\w.+-]+;base64,([A-Za-z0-9+/]+={0,2})$/i;

function dataOf(text: string): Found {
  const [, base64] = DATA.exec(text) ?? [];
  if (base64 !== undefined) return embed(pictureOf(Buffer.from(base64, "base64")), "in the `data:` URL");
  return { fault: "is a `data:` URL that is not of base64", hint: "write `data:TYPE;base64,...`" };
}

function embed(picture: Picture, name: string): Found {
  if ("fault" in picture) return { fault: `${name} ${picture.fault}`, hint: "name a small PNG, JPEG, WebP or SVG" };
  const { mime, base64 } = picture;
  return { src: `data:${mime};base64,${base64}`, mime };
}
