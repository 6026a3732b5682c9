import { type Data, isMap, listOf, mapOf, textOf } from "./data.ts";
import { type DraftCommand, type DraftParam, type Guess, type Value, literal, placeOf } from "./draft.ts";
import { type Resolve, descriptionOf, merged, schemaOf } from "./json-schema.ts";
import type { Api } from "./api.ts";
import { type Names, paramNames } from "./names.ts";
import { type ParameterStyle, styleOf } from "./parameter-style.ts";
import { authOf } from "./service-auth.ts";
import { baseOf } from "./service-url.ts";
import { oneLine, sentence } from "./words.ts";

export interface Operation {
  readonly path: string;
  readonly method: string;
  /** The item of the path, which may hold parameters and servers for all its methods. */
  readonly item: Data;
  readonly own: Data;
}

interface Made {
  readonly command?: Omit<DraftCommand, "name">;
  readonly notes: readonly string[];
}

/** What the parts of a request become. */
interface Parts {
  readonly params: DraftParam[];
  /** What stands in the path for a name. */
  readonly places: Map<string, string>;
  readonly query: string[];
  readonly headers: { [name: string]: Value };
  readonly notes: string[];
  /** Why it cannot be sent at all. */
  broken: string;
}

/** A command that sends one operation of an API. */
export function operationOf(operation: Operation, api: Api, taken: readonly string[]): Made {
  const { own, item, method, path } = operation;
  const parts: Parts = { params: [], places: new Map(), query: [], headers: {}, notes: [], broken: "" };
  const names = paramNames(taken);
  for (const parameter of parametersOf(operation, api)) addParameter(parameter, parts, names, api);
  const isBare = method === "get" || method === "head";
  if (isBare && own["requestBody"] !== undefined) parts.notes.push("a body is not sent with this method");
  const body = isBare ? {} : bodyOf(own, parts, names, api);
  const target = pathOf(path, parts);
  const auth = authOf(own["security"] ?? api.security, api);
  parts.notes.push(...auth.notes);
  if (parts.broken !== "") return { notes: [...parts.notes, parts.broken] };
  const base = baseOf(own["servers"] ?? item["servers"] ?? api.servers, api.variable);
  const query = [...parts.query, ...auth.query];
  const effect = EFFECTS[method] ?? { effect: "write", from: "" };
  const isDeleting = effect.effect === "destructive";
  const label = `${method.toUpperCase()} ${oneLine(path, 200)}`;
  const command = {
    review: [...base.review, ...auth.review],
    effect,
    detail: literal(label),
    keys: {
      description: literal(describe(own, item, label)),
      idempotent: method === "put" ? true : undefined,
      confirm: isDeleting ? `Send ${literal(label)}?` : undefined,
      webhook: {
        url: `${base.url}${target}${query.length > 0 ? `?${query.join("&")}` : ""}`,
        method: method.toUpperCase(),
        headers: Object.keys(parts.headers).length > 0 ? parts.headers : undefined,
        ...body,
        auth: auth.auth,
        allow_private: base.isPrivate ? true : undefined,
      },
    },
    params: parts.params,
  };
  return { command, notes: parts.notes };
}

const EFFECTS: Readonly<Record<string, Guess>> = {
  get: { effect: "read", from: "" },
  head: { effect: "read", from: "" },
  options: { effect: "read", from: "" },
  delete: { effect: "destructive", from: "" },
};

function describe(own: Data, item: Data, label: string): string {
  const summary = sentence(textOf(own["summary"]) || textOf(item["summary"]));
  const more = sentence(textOf(own["description"]) || textOf(item["description"]));
  const both = more.toLowerCase().startsWith(summary.toLowerCase().replace(/\.$/, "")) ? more : `${summary} ${more}`;
  const text = both.trim() === "" ? `Sends ${label}.` : both.trim();
  return own["deprecated"] === true ? `Deprecated. ${text}` : text;
}

/** Those of the operation stand for those of the path that have the same name and place. */
function parametersOf({ item, own }: Operation, { resolve }: Api): readonly Data[] {
  const all = new Map<string, Data>();
  for (const raw of [...listOf(item["parameters"]), ...listOf(own["parameters"])]) {
    const parameter = merged(raw, resolve);
    all.set(`${textOf(parameter["in"])} ${textOf(parameter["name"])}`, parameter);
  }
  return [...all.values()];
}

const NO_HEADER = new Set([
  "accept",
  "content-type",
  "authorization",
  "cookie",
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
]);

function addParameter(parameter: Data, parts: Parts, names: Names, api: Api): void {
  const name = textOf(parameter["name"]);
  const where = textOf(parameter["in"]);
  const isRequired = parameter["required"] === true || where === "path";
  const style = howSent(parameter, name, where, api.resolve);
  if (typeof style === "string") {
    if (isRequired && !NO_HEADER.has(name.toLowerCase()))
      parts.broken = `it requires \`${oneLine(name, 100)}\`: ${style}`;
    else parts.notes.push(`\`${oneLine(name, 100)}\` is left out: ${style}`);
    return;
  }
  const param = names.take(name);
  const schema = schemaOf(parameter["schema"], api.resolve, [], losing(parts, name));
  parts.params.push({
    name: param,
    schema: {
      ...schema,
      ...(isRequired ? { required: true } : {}),
      ...(isOf(schema, "array") && style.join !== undefined ? { join: style.join } : {}),
      description:
        descriptionOf(parameter) ?? schema["description"] ?? literal(`\`${oneLine(name, 100)}\` of the request.`),
    },
  });
  if (where === "path") parts.places.set(name, `${style.before}${placeOf(param)}`);
  else if (where === "query") parts.query.push(`${encodeURIComponent(name)}=${placeOf(param)}`);
  else parts.headers[name] = placeOf(param);
}

function losing(parts: Parts, name: string): (loss: string) => void {
  return (loss) => parts.notes.push(`of \`${oneLine(name, 100)}\`, ${loss}`);
}

/** The way of a parameter into the request; a text is why there is none. */
function howSent(parameter: Data, name: string, where: string, resolve: Resolve): ParameterStyle | string {
  if (name === "" || !name.isWellFormed()) return "it has no name";
  if (where !== "path" && where !== "query" && where !== "header")
    return `parameters in \`${oneLine(where, 20)}\` are not sent`;
  if (where === "header" && NO_HEADER.has(name.toLowerCase())) return "that header is made here";
  if (where === "header" && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return "it is not the name of a header";
  if (isMap(parameter["content"])) return "it is JSON or the like inside of a parameter";
  const schema = schemaOf(parameter["schema"], resolve);
  return isOf(schema, "object") || parameter["style"] === "deepObject"
    ? "it is a map, which has no one way into a URL"
    : styleOf(parameter, where, isOf(schema, "array"));
}

function isOf({ type }: DraftParam["schema"], wanted: string): boolean {
  return type === wanted || listOf(type).includes(wanted);
}

/** The path with places; a name that no parameter declares is a text that is required. */
function pathOf(path: string, parts: Parts): string {
  if (!path.startsWith("/") || /[?#\s]/.test(path)) parts.broken = "its path is not one";
  return literal(path).replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const place = parts.places.get(name);
    if (place === undefined) parts.broken ||= `no parameter is declared for \`${oneLine(whole, 100)}\``;
    return place ?? "";
  });
}

function bodyOf(own: Data, parts: Parts, names: Names, { resolve }: Api): { readonly [key: string]: Value } {
  const request = merged(own["requestBody"], resolve);
  const content = mapOf(request["content"]);
  const types = Object.keys(content);
  const type =
    types.find((each) => /^application\/(?:[\w.+-]+\+)?json\b/i.test(each)) ??
    types.find((each) => each === "application/x-www-form-urlencoded");
  if (type === undefined) {
    if (types.length === 0) return {};
    const why = `its body is ${types.map((each) => oneLine(each, 60)).join(" or ")}, which is not made here`;
    if (request["required"] === true) parts.broken = why;
    else parts.notes.push(`${why}; the command sends none`);
    return {};
  }
  const schema = merged(mapOf(content[type])["schema"], resolve);
  const isForm = type.endsWith("urlencoded");
  const special = isForm || type === "application/json" ? {} : { "Content-Type": type };
  Object.assign(parts.headers, special);
  const all = Object.entries(mapOf(schema["properties"])).filter(
    ([, each]) => merged(each, resolve)["readOnly"] !== true,
  );
  if (all.length === 0 || schema["oneOf"] !== undefined || schema["anyOf"] !== undefined)
    return wholeBody(schema, request, parts, { names, resolve, isForm });
  const required = new Set(listOf(schema["required"]));
  const body: { [key: string]: Value } = {};
  for (const [name, each] of all) {
    const param = names.take(name);
    const own1 = schemaOf(each, resolve, [], losing(parts, name));
    parts.params.push({
      name: param,
      schema: {
        ...own1,
        ...(required.has(name) && request["required"] === true ? { required: true } : {}),
        description: own1["description"] ?? literal(`\`${oneLine(name, 100)}\` of the body.`),
      },
    });
    body[literal(name)] = placeOf(param);
  }
  return { body, ...(isForm ? { body_format: "form" } : {}) };
}

function wholeBody(
  schema: Data,
  request: Data,
  parts: Parts,
  { names, resolve, isForm }: { readonly names: Names; readonly resolve: Resolve; readonly isForm: boolean },
): { readonly [key: string]: Value } {
  if (isForm) {
    parts.broken = "the fields of its form are not named";
    return {};
  }
  const param = names.take("body");
  const required = request["required"] === true ? { required: true } : {};
  const description = descriptionOf(request) ?? "The body of the request, as JSON.";
  parts.params.push({
    name: param,
    schema: { ...schemaOf(schema, resolve, [], losing(parts, "body")), ...required, description },
  });
  return { body: placeOf(param), body_format: "json" };
}
