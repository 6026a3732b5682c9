import { type Data, isMap, listOf, mapOf, textOf } from "./data.ts";
import { type Value, literal } from "./draft.ts";
import { merged } from "./json-schema.ts";
import type { Api } from "./api.ts";
import { webUrl } from "./service-url.ts";
import { oneLine } from "./words.ts";

export interface Auth {
  /** The \`auth\` of a webhook. */
  readonly auth?: { readonly [key: string]: Value };
  /** Pairs of the query. */
  readonly query: readonly string[];
  readonly review: readonly string[];
  readonly notes: readonly string[];
}

const NONE: Auth = { query: [], review: [], notes: [] };

/** Which credentials an operation takes: those of the first alternative that can be sent. All come from the environment. */
export function authOf(security: unknown, api: Api): Auth {
  const alternatives = listOf(security).filter(isMap);
  if (alternatives.length === 0 || alternatives.some((each) => Object.keys(each).length === 0)) return NONE;
  const made = alternatives.map((each) =>
    together(Object.entries(each).map(([name, scopes]) => oneOf(name, scopes, api))),
  );
  return made.find(({ notes }) => notes.length === 0) ?? made[0] ?? NONE;
}

/** A request takes one \`auth\`, and any keys in its query. */
function together(all: readonly Auth[]): Auth {
  const headers = all.flatMap(({ auth }) => (auth ? [auth] : []));
  const more = headers.length > 1 ? ["it takes several credentials at once, of which only the first is sent"] : [];
  return {
    ...(headers[0] ? { auth: headers[0] } : {}),
    query: all.flatMap(({ query }) => query),
    review: all.flatMap(({ review }) => review),
    notes: [...all.flatMap(({ notes }) => notes), ...more],
  };
}

function oneOf(name: string, scopes: unknown, api: Api): Auth {
  const scheme = merged(api.schemes[name], api.resolve);
  const type = textOf(scheme["type"]);
  const kind = textOf(scheme["scheme"]).toLowerCase();
  const variable = (end: string): string => fromEnvironment(`${api.variable}_${end}`);
  const review = (...ends: readonly string[]): readonly string[] => [
    `set ${ends.map((end) => `${api.variable}_${end}`).join(" and ")} in the environment of mcpfier.`,
  ];
  if (type === "http" && kind === "basic")
    return {
      ...NONE,
      auth: { type: "basic", user: variable("USER"), pass: variable("PASSWORD") },
      review: review("USER", "PASSWORD"),
    };
  if (type === "apiKey") return apiKey(scheme, variable("API_KEY"), review("API_KEY"));
  const client = mapOf(mapOf(scheme["flows"])["clientCredentials"]);
  const tokenUrl = webUrl(textOf(client["tokenUrl"]));
  if (type === "oauth2" && tokenUrl !== undefined)
    return {
      ...NONE,
      auth: {
        type: "oauth2",
        token_url: literal(tokenUrl),
        client_id: variable("CLIENT_ID"),
        client_secret: variable("CLIENT_SECRET"),
        scopes: scopesOf(scopes),
      },
      review: review("CLIENT_ID", "CLIENT_SECRET"),
    };
  if ((type === "http" && kind === "bearer") || type === "oauth2" || type === "openIdConnect")
    return { ...NONE, auth: { type: "bearer", token: variable("TOKEN") }, review: review("TOKEN") };
  return {
    ...NONE,
    notes: [`its credentials \`${oneLine(name, 60)}\` (${oneLine(type, 20) || "of no type"}) are not sent`],
  };
}

function apiKey(scheme: Data, key: string, review: readonly string[]): Auth {
  const name = textOf(scheme["name"]);
  if (scheme["in"] === "query" && name !== "")
    return { ...NONE, query: [`${encodeURIComponent(name)}=${key}`], review };
  if (scheme["in"] === "header" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    return { ...NONE, auth: { type: "api_key", header: name, key }, review };
  return { ...NONE, notes: ["its key is sent in a cookie, which is not done here"] };
}

function scopesOf(scopes: unknown): readonly string[] {
  return listOf(scopes)
    .filter((each): each is string => typeof each === "string" && /^[!#-[\]-~]+$/.test(each))
    .map((each) => literal(each));
}

/** Without it the catalogue loads, too, and the service says that it takes no such credentials. */
function fromEnvironment(name: string): string {
  return `\${${name}:-unset}`;
}
