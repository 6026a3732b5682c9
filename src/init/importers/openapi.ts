import { type Data, isMap, listOf, mapOf, textOf } from "../data.ts";
import { type Draft, type DraftCommand, literal } from "../draft.ts";
import type { Importer } from "../importer.ts";
import { merged } from "../json-schema.ts";
import { commandNames } from "../names.ts";
import type { Api } from "../api.ts";
import { type Operation, operationOf } from "../operation.ts";
import { oneLine, wordsOf } from "../words.ts";

const METHODS = ["get", "put", "post", "delete", "patch", "head", "options"];

export const openapi: Importer = {
  kind: "openapi",
  what: "the operations of an OpenAPI file (3.0, 3.1)",
  recognises: ({ data }) => isMap(data) && ("openapi" in data || "swagger" in data) && "paths" in data,
  read: ({ data, fault }, { reserved }) => {
    if (!isMap(data)) return { refused: fault || "it is neither a JSON nor a YAML map" };
    const version = textOf(data["openapi"] ?? data["swagger"]);
    if (!/^3\.[01]/.test(version))
      return { refused: `expected OpenAPI 3.0 or 3.1, came ${oneLine(version, 20) || "no version"}; convert it first` };
    const info = mapOf(data["info"]);
    const title = oneLine(info["title"], 100) || "API";
    const { commands, notes } = readPaths(data, {
      api: apiOf(data, title),
      verbs: reserved.verbs,
      taken: reserved.options,
    });
    if (commands.length === 0)
      return {
        refused: `it has no operation that could become a command${notes.map((note) => `\n  ${note}`).join("")}`,
      };
    const about = oneLine(info["description"], 400);
    const draft: Draft = { name: literal(title), commands, notes };
    return about === "" ? draft : { ...draft, instructions: literal(about) };
  },
};

function apiOf(data: Data, title: string): Api {
  const resolve = (reference: string): unknown => lookUp(data, reference);
  const variable = wordsOf(title).join("_").toUpperCase().replace(/^(\d)/, "_$1").slice(0, 40) || "API";
  return {
    variable,
    servers: data["servers"],
    security: data["security"],
    schemes: mapOf(mapOf(data["components"])["securitySchemes"]),
    resolve,
  };
}

/** A JSON pointer into the same document (RFC 6901). */
function lookUp(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#/")) return undefined;
  let value = root;
  for (const part of reference.slice(2).split("/")) {
    const key = decode(part).replaceAll("~1", "/").replaceAll("~0", "~");
    value = Object.hasOwn(Object(value) as object, key) ? (Object(value) as Data)[key] : undefined;
  }
  return value;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface Where {
  readonly api: Api;
  readonly verbs: readonly string[];
  readonly taken: readonly string[];
}

function readPaths(data: Data, { api, verbs, taken }: Where): Pick<Draft, "commands" | "notes"> {
  const names = commandNames(verbs);
  const commands: DraftCommand[] = [];
  const notes = Object.keys(mapOf(data["webhooks"])).map(
    (name) => `webhook \`${oneLine(name, 100)}\`: the service calls it, nobody else`,
  );
  for (const [path, raw] of Object.entries(mapOf(data["paths"]))) {
    const { lost, heard } = listening(api);
    const item = merged(raw, heard.resolve);
    notes.push(...lostNotes(oneLine(path, 200), lost));
    for (const method of METHODS.filter((each) => isMap(item[each]))) {
      const own = mapOf(item[method]);
      const operation: Operation = { path, method, item, own };
      const made = operationOf(operation, heard, taken);
      const label = `${method.toUpperCase()} ${oneLine(path, 200)}`;
      notes.push(...made.notes.map((note) => `${label}: ${note}`), ...lostNotes(label, lost));
      if (!made.command) continue;
      const wanted = textOf(own["operationId"]) || `${method}_${path.replaceAll(/[{}]/g, "")}`;
      commands.push({ ...made.command, name: names.take(snake(wanted)) });
    }
    const strange = Object.keys(item).filter((key) => key === "trace");
    notes.push(...strange.map((key) => `${key.toUpperCase()} ${oneLine(path, 200)}: the method is not supported`));
  }
  return { commands, notes: listOf(notes) as readonly string[] };
}

/** The same API, and the references in it that were followed and lead nowhere. */
function listening(api: Api): { readonly lost: Set<string>; readonly heard: Api } {
  const lost = new Set<string>();
  const resolve: Api["resolve"] = (reference) => {
    const value = api.resolve(reference);
    if (value === undefined) lost.add(reference);
    return value;
  };
  return { lost, heard: { ...api, resolve } };
}

/** Tells what was lost, and forgets it. */
function lostNotes(label: string, lost: Set<string>): readonly string[] {
  const notes = Array.from(
    lost,
    (each) =>
      `${label}: \`${oneLine(each, 100)}\` is not in this file; what it stands for is left out, or may be anything`,
  );
  lost.clear();
  return notes;
}

/** `listPets` as names are written here. */
function snake(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase();
}
