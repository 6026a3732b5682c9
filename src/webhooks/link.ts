const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const BLANK = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const TARGET = /<([^<>]*)>/y;
/** What is not understood, up to the next link or parameter. */
const REST = /[^,;]*/y;

/** The target of the first link of a relation in a Link header (RFC 8288 3), as it is written there; null: there is none. */
export function linkIn(header: string, relation: string): string | null {
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  }

  function takeSign(sign: string): boolean {
    take(BLANK);
    if (header[at] !== sign) return false;
    at += 1;
    take(BLANK);
    return true;
  }

  /** The first of each name counts. */
  function takeParameters(): ReadonlyMap<string, string> {
    const parameters = new Map<string, string>();
    while (takeSign(";")) {
      const name = take(TOKEN)?.[0].toLowerCase() ?? "";
      const value = takeSign("=") ? (take(QUOTED)?.[1]?.replace(/\\(.)/g, "$1") ?? take(TOKEN)?.[0] ?? "") : "";
      take(REST);
      if (!parameters.has(name)) parameters.set(name, value);
    }
    return parameters;
  }

  while (at < header.length) {
    take(BLANK);
    const target = take(TARGET)?.[1];
    if (target === undefined) take(REST);
    const parameters = takeParameters();
    const relations = (parameters.get("rel") ?? "").toLowerCase().split(/\s+/);
    // With an anchor, it is a link of something else.
    if (target !== undefined && relations.includes(relation) && !parameters.has("anchor")) return target;
    if (!takeSign(",")) at += 1;
  }
  return null;
}
