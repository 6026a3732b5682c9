import type { PathRule } from "../command/command.ts";
import type { Resource, ResourceSource } from "../command/resource.ts";
import { mentioned } from "../command/template.ts";
import { type UriTemplate, matchUri, namesOf, parseUri } from "../command/uri.ts";
import type { Draft, Setting } from "./draft.ts";
import { namesOfAll, readCompletions } from "./completions.ts";
import { readConstantPath, readFilePlace } from "./file-place.ts";
import { readIcons } from "./icons.ts";
import { keyAt } from "./node.ts";
import { type Parameters, readParams, rootsOf } from "./params.ts";
import { type Reader, readerWithoutCall } from "./places.ts";
import { readSize } from "./quantity.ts";
import { shownText } from "./shown-text.ts";
import { createUnique } from "./unique.ts";
import { warnUnused } from "./unused.ts";
import { type Known, namesOfUse, readUse } from "./use.ts";

const KINDS = ["file", "folder", "command"] as const;
type Kind = (typeof KINDS)[number];

/** Keys that mean something for one kind only. */
const ONLY: Readonly<Record<string, readonly Kind[]>> = {
  files: ["folder"],
  within: ["file", "folder"],
  max: ["file", "folder"],
  args: ["command"],
  params: ["file", "command"],
};

const MEBIBYTE = 1024 ** 2;
/** A message of over 10 MB ends a connection, and bytes become a third longer in it. */
const SIZES = { least: 1, most: 6 * MEBIBYTE, said: "of more than nothing and at most 6MiB" };

/** The resources of a catalogue, for the prompts that send them along. */
export interface Resources {
  readonly list: readonly Resource[];
  /** Whether one has this address, or may have it: one that was reported may be meant. */
  has(uri: string): boolean;
}

/** Reads all resources of a catalogue; those with mistakes are reported and left out. */
export function readResources(drafts: readonly Draft[], known: Known, setting: Setting): Resources {
  const isUnique = createUnique("resource");
  const list = drafts.flatMap((draft) => {
    isUnique(draft, "uri");
    return readResource(draft, known, setting) ?? [];
  });
  const has = (uri: string): boolean =>
    list.length < drafts.length || list.some((each) => isBase(each, uri) || matchUri(each.uri, uri) !== undefined);
  return { list, has };
}

/** Arguments that are given by text are no options of the command line. */
export function withoutOptions(setting: Setting): Setting {
  return { ...setting, reserved: { verbs: [], options: [] } };
}

function isBase({ source }: Resource, uri: string): boolean {
  return source.kind === "folder" && source.base === uri;
}

function readResource(draft: Draft, known: Known, setting: Setting): Resource | null {
  const params = readParams(draft, false, withoutOptions(setting));
  const kind = kindOf(draft);
  const uri = readUri(draft, kind, params);
  const reader = readerWithoutCall(draft, params, "resource");
  const source = kind && READ[kind](reader, known, setting);
  const maxBytes = readSize(draft, "max", SIZES) ?? MEBIBYTE;
  const completions = readCompletions(draft, known, (each) => readerWithoutCall(each, params, "resource"));
  const told = { name: shownText(draft, "name"), title: shownText(draft, "title") };
  const description = shownText(draft, "description");
  const icons = readIcons(draft, setting);
  if (!draft.isSound() || !source || !uri) return null;
  warnUnused(draft, params, [...namesIn(source), ...namesOfAll(completions)]);
  return {
    uri,
    ...told,
    description,
    icons,
    mime: draft.text("mime"),
    maxBytes,
    audience: (draft.get("audience") as Resource["audience"] | undefined) ?? [],
    priority: (draft.get("priority") as number | undefined) ?? null,
    params: params.list,
    inputSchema: params.inputSchema,
    completions,
    source,
  };
}

function kindOf(draft: Draft): Kind | null {
  const [kind, ...more] = KINDS.filter((each) => draft.mayHave(each));
  if (kind === undefined || more.length > 0) {
    const said = kind === undefined ? "nothing" : [kind, ...more].map((each) => `\`${each}\``).join(" and ");
    return draft.error(
      draft.at("uri"),
      "resource",
      `a resource is one of ${KINDS.join(", ")}, and this one is ${said}`,
    );
  }
  for (const [key, kinds] of Object.entries(ONLY)) {
    if (!draft.node.entries.has(key) || kinds.includes(kind)) continue;
    const hint = `remove it, or make it a ${kinds.join(" or ")}`;
    draft.error(draft.at(key), "resource", `\`${key}\` means nothing for a resource that is a ${kind}`, hint);
  }
  return kind;
}

/** The address; of a folder, that of its files. */
function readUri(draft: Draft, kind: Kind | null, params: Parameters): UriTemplate | null {
  const node = draft.nodeOf("uri");
  if (node?.kind !== "scalar") return null;
  const text = String(node.value);
  const uri = parseUri(kind === "folder" ? `${text}{+path}` : text);
  if (typeof uri === "string") return draft.error(node, "resource", uri);
  if (kind === "folder") {
    if (text.endsWith("/") && uri.parts.length === 2) return uri;
    const message = "the address of a folder ends with `/` and has no places: its files stand below it";
    return draft.error(node, "resource", message);
  }
  const names = namesOf(uri);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) draft.error(node, "resource", `"${twice}" has two places in the address`);
  for (const name of names)
    if (!params.declared.has(name) && !params.isOpen)
      draft.error(
        node,
        "unknown-parameter",
        `"${name}" is not a parameter of this resource`,
        "declare it under `params`",
      );
  const block = draft.node.entries.get("params")?.value ?? draft.node;
  for (const name of params.declared) {
    if (names.includes(name)) continue;
    const message = `"${name}" has no place in the address, so that it could never be given`;
    draft.error(keyAt(block, name), "resource", message, `add \`{${name}}\` or \`{?${name}}\` to \`uri\``);
  }
  return uri;
}

type ReadSource = (reader: Reader, known: Known, setting: Setting) => ResourceSource | null;

const INSIDE = "name one inside, or say where it lies by `within`";

const READ: Readonly<Record<Kind, ReadSource>> = {
  file: (reader, _known, setting) => {
    const file = readFilePlace(reader, "file", { roots: withinOf(reader, setting), setting, hint: INSIDE });
    const { draft } = reader;
    if (file && mentioned(file.path).length > 0 && draft.node.entries.has("within"))
      return draft.error(
        draft.at("within"),
        "resource",
        "the argument says where the file lies",
        "write `within` there",
      );
    return file && { kind: "file", file };
  },
  folder: (reader, _known, setting) => {
    const { draft } = reader;
    const roots = withinOf(reader, setting);
    const path = readConstantPath(reader, "folder", { roots, setting, hint: INSIDE });
    if (path === null) return null;
    const files = (draft.get("files") as readonly string[] | undefined) ?? ["**"];
    return { kind: "folder", base: draft.text("uri"), path, rule: { roots, exists: "dir" }, files };
  },
  command: (reader, known) => {
    const use = readUse(reader, known);
    return use && { kind: "command", use };
  },
};

function namesIn(source: ResourceSource): readonly string[] {
  if (source.kind === "folder") return [];
  return source.kind === "file" ? mentioned(source.file.path) : namesOfUse(source.use);
}

function withinOf({ draft }: Reader, setting: Setting): PathRule["roots"] {
  return rootsOf(draft.get("within") as string | readonly string[] | undefined, setting);
}
