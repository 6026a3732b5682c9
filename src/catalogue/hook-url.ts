import type { HookUrl } from "../command/webhook.ts";
import { type Part, type Template, lonePlace, mentioned } from "../command/template.ts";
import { webUrl } from "../webhooks/host.ts";
import type { Piece, ScalarNode } from "./node.ts";
import { type Reader, checkArrayInText, templateOf } from "./places.ts";

/** Reads a URL into its parts: what stands between the slashes, and the pairs of its query. Null where it cannot be used. */
export function readUrl(reader: Reader, node: ScalarNode): HookUrl | null {
  const template = templateOf(reader, { ...node, template: placed(node) });
  const [first, ...more] = template;
  const match = typeof first === "string" ? /^(https?:\/\/[^/?#\\]*)([\s\S]*)$/i.exec(first.trimStart()) : null;
  if (!match) return fault(reader, node, "expected a URL that begins with http:// or https:// and a host");
  const [, origin = "", rest = ""] = match;
  if (rest === "" && more.length > 0)
    return fault(reader, node, "a value would become part of the host", "write `/` or `?` before the placeholder");
  const found = originOf(origin);
  if ("fault" in found) return fault(reader, node, found.fault, found.hint);
  if (template.some((part) => typeof part === "string" && part.includes("#")))
    return fault(reader, node, "what stands behind `#` is never sent", "remove it, or write %23");
  const [path = [], query] = cut([rest, ...more], "?", 2);
  return {
    origin: found.origin,
    segments: readSegments(reader, node, path),
    query: query ? readQuery(reader, node, query) : [],
  };
}

/** The template, where what the environment gave is encoded for its place, as the value of a parameter is. */
function placed({ template, pieces }: ScalarNode): string {
  return (
    pieces?.reduce((url, piece) => url + (piece.value === null ? piece.template : inPlace(piece, url)), "") ?? template
  );
}

/** What begins the address, and what is the whole query or begins it, has its own parts; in the path, only slashes are kept. */
function inPlace({ template, value }: Piece, before: string): string {
  if (!/^\s*https?:\/\/[^/?#\\]*[/?]/i.test(before)) return template;
  // A default may hold half a surrogate pair, which is reported as what it is.
  const text = (value ?? "").toWellFormed();
  if (!before.includes("?")) return text.split("/").map(encodeURIComponent).join("/");
  const pair = before.slice(Math.max(before.indexOf("?"), before.lastIndexOf("&")) + 1);
  return pair.includes("=") ? encodeURIComponent(text) : template;
}

function fault({ draft }: Reader, node: ScalarNode, message: string, hint?: string): null {
  return draft.error(node, "webhook", message, hint);
}

function originOf(text: string): { readonly origin: string } | { readonly fault: string; readonly hint: string } {
  if (text.includes("@")) return { fault: "credentials do not belong into a URL, which is shown", hint: "use `auth`" };
  const url = webUrl(text);
  return url ? { origin: url.origin } : { fault: "expected a host, and a port from 1 to 65535", hint: "" };
}

function readSegments(reader: Reader, node: ScalarNode, path: Template): readonly Template[] {
  const segments = cut(path, "/").slice(1);
  for (const segment of segments) {
    const names = mentioned(segment);
    const literal = segment.map((part) => (typeof part === "string" ? part : "x")).join("");
    if (names.length === 0 && /^(?:\.|%2e){1,2}$/i.test(literal))
      fault(reader, node, "the path has `.` or `..` in it", "write where it leads");
    for (const name of names) {
      checkPresent(reader, node, name);
      checkArrayInText(reader, node, name);
    }
  }
  return segments.length === 0 ? [[]] : segments.map((segment) => escaped(segment));
}

/** A segment cannot vanish: the path would be another one. */
function checkPresent({ draft, params, names }: Reader, node: ScalarNode, name: string): void {
  const words = params.raw.get(name);
  if (!names.has(name) || !words || words.required === true || words.default !== undefined) return;
  draft.error(
    node,
    "webhook",
    `"${name}" stands in the path, and may be absent`,
    "give the parameter `required: true`, or a default",
  );
}

function readQuery(reader: Reader, node: ScalarNode, query: Template): HookUrl["query"] {
  return cut(query, "&")
    .filter((pair) => pair.length > 0)
    .flatMap((pair): HookUrl["query"] => {
      const [name = [], value] = cut(pair, "=", 2);
      const [only, ...more] = escaped(name);
      // An array that stands alone repeats the name.
      if (value && lonePlace(value) === undefined)
        for (const each of mentioned(value)) checkArrayInText(reader, node, each);
      if (typeof only === "string" && more.length === 0) return [[only, value ? escaped(value) : null]];
      fault(
        reader,
        node,
        "a placeholder in the query stands after `name=`: a value must not choose what is asked",
        "write `name=${{ value }}`",
      );
      return [];
    });
}

/** What a URL may not hold as it is (RFC 3986) is percent-encoded, and so is a `%` that begins no code. */
function escaped(template: Template): Template {
  return template.map((part) =>
    typeof part === "string"
      ? part.replaceAll(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/gu, encodeURIComponent)
      : part,
  );
}

/** Cuts a template at a sign in its text, into `most` pieces at most; empty texts are left out. */
export function cut(template: Template, sign: string, most = Number.POSITIVE_INFINITY): readonly Template[] {
  const pieces: Part[][] = [[]];
  for (const part of template) {
    if (typeof part !== "string") {
      pieces.at(-1)?.push(part);
      continue;
    }
    let rest = part;
    for (let at = rest.indexOf(sign); at >= 0 && pieces.length < most; at = rest.indexOf(sign)) {
      if (at > 0) pieces.at(-1)?.push(rest.slice(0, at));
      pieces.push([]);
      rest = rest.slice(at + sign.length);
    }
    if (rest !== "") pieces.at(-1)?.push(rest);
  }
  return pieces;
}
