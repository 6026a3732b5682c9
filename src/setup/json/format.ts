import { type Entry, type Document, type Format, type Refused, SECRETS, type Spot, isRefused } from "../format.ts";
import { type Range, isWithin } from "../splice.ts";
import { valueAt, withValue, withoutValue } from "./edit.ts";
import { type Text, type Value, createReader } from "./jsonc.ts";
import { differOnlyAt } from "./proof.ts";

/** JSON, with comments and trailing commas where the client reads them. */
export async function createJson(syntax: "json" | "jsonc"): Promise<Format> {
  const parse = await createReader();

  function read(text: string, { map, name }: Spot): Document | Refused {
    const parsed = parse(text, syntax);
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
      hidden: hiddenIn(parsed, there),
      with: (keys, value) => withValue(parsed, [...path, ...keys], value),
      without: () => withoutValue(parsed, path),
    };
  }

  return {
    read,
    differOnlyAt: ({ map, name }, before, after) => {
      const [one, other] = [parse(before, syntax), parse(after, syntax)];
      return !("fault" in one) && !("fault" in other) && differOnlyAt(one, other, [...map, name]);
    },
    snippet: ({ map, name }, head, entry) => {
      const inner = entry ? { [name]: entry } : {};
      const servers = map.reduceRight<Entry>((within, key) => ({ [key]: within }), inner);
      return `${JSON.stringify({ ...head, ...servers }, null, 2)}\n`;
    },
  };
}

function hiddenIn({ strings, comments }: Text, ours: Value | undefined): Document["hidden"] {
  const secrets = (ours?.members ?? []).filter(({ key }) => SECRETS.has(key));
  const isOurs = (range: Range): boolean =>
    ours !== undefined && isWithin(range, ours) && !secrets.some(({ value }) => isWithin(range, value));
  return [...strings, ...comments].filter((each) => !isOurs(each));
}
