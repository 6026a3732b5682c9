import { type Entry, type Document, type Format, type Refused, type Spot, isRefused } from "../format.ts";
import { keysTo } from "../mask.ts";
import { isWithin } from "../splice.ts";
import { valueAt, withValue, withoutValue } from "./edit.ts";
import { remembering } from "../remembering.ts";
import { type Text, createReader } from "./jsonc.ts";
import { differOnlyAt } from "./proof.ts";

/** JSON, with comments and trailing commas where the client reads them. */
export async function createJson(syntax: "json" | "jsonc"): Promise<Format> {
  const reader = await createReader();
  const parse = remembering((text) => reader(text, syntax));

  function read(text: string, { map, name }: Spot): Document | Refused {
    const parsed = parse(text);
    if ("fault" in parsed) return parsed;
    const path = [...map, name];
    const there = valueAt(parsed, path);
    if (there && isRefused(there)) return there;
    if (there && !there.members) return { fault: `"${path.join(".")}" is ${there.kind}, and an object is expected` };
    const servers = valueAt(parsed, map);
    return {
      text,
      isEmpty: parsed.root === null,
      hasMap: servers !== undefined && !isRefused(servers) && servers.members !== null,
      depth: map.filter((_, at) => isThere(parsed, map.slice(0, at + 1))).length,
      stub: null,
      entry: there ? (there.data() as Entry) : null,
      comments: () => parsed.comments,
      leaves: () =>
        parsed.literals.map((leaf) => ({
          start: leaf.start,
          end: leaf.end,
          value: leaf.value,
          keys: there && isWithin(leaf, there) ? keysTo(leaf, there.members) : null,
        })),
      with: (keys, value) => withValue(parsed, [...path, ...keys], value),
      without: () => withoutValue(parsed, path),
    };
  }

  function withoutMap(text: string, { map }: Spot): string {
    const parsed = parse(text);
    const there = "fault" in parsed ? undefined : valueAt(parsed, map);
    if ("fault" in parsed || !there || isRefused(there) || there.members?.length !== 0) return text;
    if (parsed.comments.some((each) => isWithin(each, there))) return text;
    const edited = withoutValue(parsed, map);
    const after = typeof edited === "string" ? parse(edited) : edited;
    return "fault" in after || !differOnlyAt(parsed, after, map) ? text : after.text;
  }

  return {
    read,
    withoutMap,
    differOnlyAt: ({ map, name }, before, after) => {
      const [one, other] = [parse(before), parse(after)];
      return !("fault" in one) && !("fault" in other) && differOnlyAt(one, other, [...map, name]);
    },
    snippet: ({ map, name }, head, entry) => {
      const inner = entry ? { [name]: entry } : {};
      const servers = map.reduceRight<Entry>((within, key) => ({ [key]: within }), inner);
      return `${JSON.stringify({ ...head, ...servers }, null, 2)}\n`;
    },
  };
}

function isThere(parsed: Text, keys: readonly string[]): boolean {
  const value = valueAt(parsed, keys);
  return value !== undefined && !isRefused(value);
}
