/** An address with places for values, as RFC 6570 writes them: `{name}`, `{+name}` at the end, and `{?name,other}` behind it. */
export interface UriTemplate {
  /** As it is written. */
  readonly text: string;
  readonly parts: readonly UriPart[];
  /** What may stand behind `?`. */
  readonly query: readonly string[];
}

/** A `segment` ends before the next `/`, a `rest` takes all of them. */
export type UriPart = string | { readonly name: string; readonly kind: "segment" | "rest" };

/** Longer addresses are none of ours. */
const LONGEST = 8192;

/** Reads a template whose places can only be filled in one way, so that matching takes linear time; or why it is none. */
export function parseUri(text: string): UriTemplate | string {
  const parts: UriPart[] = [];
  const [, path = "", names] = /^([^]*?)(?:\{\?([^{}]*)\})?$/.exec(text) ?? [];
  for (const piece of path.split(/(\{[^{}]*\})/).filter((each) => each !== "")) {
    const part = piece.startsWith("{") ? placeOf(piece) : piece;
    if (part === undefined) return `\`${piece}\` is no place; expected \`{name}\` or \`{+name}\``;
    const before = parts.at(-1);
    if (typeof before === "object" && before.kind === "rest")
      return `\`{+${before.name}}\` takes all that follows, and \`${piece}\` stands behind it`;
    if (typeof before === "object" && (typeof part === "object" || !part.startsWith("/")))
      return `\`{${before.name}}\` is a whole segment, and \`${piece}\` does not begin with \`/\``;
    parts.push(part);
  }
  const query = names === undefined ? [] : names.split(",");
  const literal = parts.filter((part) => typeof part === "string").join("");
  const stray = /[{}?#]/.exec(literal)?.[0];
  if (stray !== undefined) return `\`${stray}\` has no place here; what may be left out is written as \`{?name}\``;
  const faulty = query.find((name) => !NAME.test(name));
  return faulty === undefined ? { text, parts, query } : `"${faulty}" is not a name`;
}

const NAME = /^[A-Za-z_]\w*$/;

function placeOf(piece: string): UriPart | undefined {
  const [, plus, name = ""] = /^\{(\+?)(.*)\}$/.exec(piece) ?? [];
  return NAME.test(name) ? { name, kind: plus === "+" ? "rest" : "segment" } : undefined;
}

/** All names, in their order. */
export function namesOf({ parts, query }: UriTemplate): readonly string[] {
  return [...parts.flatMap((part) => (typeof part === "string" ? [] : [part.name])), ...query];
}

/** The values of an address, decoded; undefined where it is no address of the template. */
export function matchUri({ parts, query }: UriTemplate, uri: string): Readonly<Record<string, string>> | undefined {
  if (uri.length > LONGEST) return undefined;
  const cut = uri.indexOf("?");
  const [path, search] = cut < 0 ? [uri, ""] : [uri.slice(0, cut), uri.slice(cut + 1)];
  if (path.includes("#") || (cut >= 0 && query.length === 0)) return undefined;
  const values: Record<string, string> = Object.create(null);
  let at = 0;
  for (const part of parts) {
    const end = typeof part === "string" ? at + part.length : endOf(part, path, at);
    const piece = path.slice(at, end);
    if (typeof part === "string" ? piece !== part : !put(values, part.name, piece)) return undefined;
    at = end;
  }
  if (at !== path.length) return undefined;
  for (const pair of search.split("&").filter((each) => each !== "")) {
    const [name = "", ...value] = pair.split("=");
    if (!query.includes(name) || name in values || !put(values, name, value.join("="))) return undefined;
  }
  return values;
}

function endOf({ kind }: Exclude<UriPart, string>, path: string, at: number): number {
  const slash = kind === "segment" ? path.indexOf("/", at) : -1;
  return slash < 0 ? path.length : slash;
}

function put(values: Record<string, string>, name: string, encoded: string): boolean {
  try {
    values[name] = decodeURIComponent(encoded);
    return encoded !== "";
  } catch {
    return false;
  }
}

/** A path as part of an address: its slashes stay, everything else that has a meaning there is encoded. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
