import { type Data, mapOf, textOf } from "./data.ts";
import { type DraftCommand, type DraftParam, type Value, literal, placeOf } from "./draft.ts";
import { isPrivate, webUrl } from "./service-url.ts";
import { oneLine } from "./words.ts";

/** The properties of the input, with the names that they have here. */
export type Inputs = ReadonlyMap<string, DraftParam>;

/** How a tool is carried out. */
export interface Invocation {
  readonly keys: DraftCommand["keys"];
  readonly params: readonly DraftParam[];
  readonly review: readonly string[];
  readonly notes: readonly string[];
}

/** Those whose names begin with P send a body. */
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);

/** The request of a tool of gen-mcp; a reason where it is not understood. */
export function fromHttp(http: Data, inputs: Inputs): Invocation | string {
  const method = textOf(http["method"]).toUpperCase();
  const written = textOf(http["url"]);
  const [, origin = "", path = ""] = /^(https?:\/\/[^/?#{}]+)(.*)$/.exec(written) ?? [];
  const base = webUrl(origin);
  if (!METHODS.has(method) || base === undefined)
    return `its request \`${oneLine(`${method} ${written}`, 100)}\` is not understood`;
  const used = new Set(Array.from(path.matchAll(/\{([^{}]*)\}/g), ([, key = ""]) => key));
  const strange = [...used].find((key) => !inputs.has(key));
  if (strange !== undefined) return `\`{${oneLine(strange, 60)}}\` of its URL is none of its inputs`;
  const url = literal(path).replaceAll(/\{([^{}]*)\}/g, (_whole, key: string) => placeOf(inputs.get(key)?.name ?? key));
  const rest = [...inputs].filter(([key]) => !used.has(key));
  const sendsBody = method.startsWith("P");
  const query = sendsBody ? "" : rest.map(([key, { name }]) => `${encodeURIComponent(key)}=${placeOf(name)}`).join("&");
  const joint = query === "" ? "" : path.includes("?") ? "&" : "?";
  const body = Object.fromEntries(rest.map(([key, { name }]) => [literal(key), placeOf(name)]));
  const { headers, left } = headersOf(mapOf(http["headers"]));
  const [segments = ""] = path.split("?");
  return {
    keys: {
      webhook: {
        url: `${literal(base)}${url}${joint}${query}`,
        method,
        headers,
        body: sendsBody && rest.length > 0 ? body : undefined,
        allow_private: isPrivate(base) ? true : undefined,
      },
    },
    params: [...inputs].map(([key, { name, schema }]) => ({
      name,
      schema: segments.includes(`{${key}}`) ? { ...schema, required: true } : schema,
    })),
    review: query !== "" ? ["inputs that the URL does not name stand in its query."] : [],
    notes: left === 0 ? [] : [`${left} of its headers, which hold values`],
  };
}

/** Those that are constant, and how many are not. */
function headersOf(raw: Data): { readonly headers: Value | undefined; readonly left: number } {
  const all = Object.entries(raw);
  const constant = all.filter(([, value]) => typeof value === "string" && !/[{}]/.test(value));
  const headers = Object.fromEntries(constant.map(([key, value]) => [key, literal(String(value))]));
  return { headers: constant.length === 0 ? undefined : headers, left: all.length - constant.length };
}
