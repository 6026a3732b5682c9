import { type Entry, type Document, type Format, type Refused, type Spot, isRefused } from "../format.ts";
import { keysTo } from "../mask.ts";
import { isWithin } from "../splice.ts";
import { valueAt, withValue, withoutValue } from "./edit.ts";
import { remembering } from "../remembering.ts";
import { createReader } from "./jsonc.ts";
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
      entry: there ? (there.data() as Entry) : null,
      comments: parsed.comments,
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

  return {
    read,
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
