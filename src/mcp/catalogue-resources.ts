import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type Resource as ListedResource,
  ResourceNotFoundError,
  type ResourceTemplateType,
  type Server,
} from "@modelcontextprotocol/server";
import { createGate } from "../base/gate.ts";
import { didYouMean } from "../base/nearest.ts";
import { seenText } from "../base/visible.ts";
import { fillText } from "../command/fill.ts";
import { holds, listFolder, rootOf } from "../command/folder.ts";
import type { FolderSource, Resource } from "../command/resource.ts";
import { settleTexts } from "../command/texts.ts";
import { encodePath, matchUri, namesOf } from "../command/uri.ts";
import { argumentsOf } from "../command/use.ts";
import type { Engine } from "../engine.ts";
import { createCleaner } from "../pipeline/cleaner.ts";
import type { Content, ResourcePiece } from "../pipeline/content.ts";
import { iconsOf } from "./icons.ts";
import type { FollowRequest } from "./following.ts";
import { pageOf } from "./page.ts";
import { type Asking, fileContent, printedContent, refusedAs } from "./pieces.ts";
import { RECORD_TEMPLATE, isRecordUri, readRecord, recordedResources } from "./resources.ts";

/** Files that are read at once: a client may ask for any number, and each answer may have 8 MB. */
const READING = createGate(4);

/** The resources of the catalogue in the order of the file, then what calls printed. */
export function serveResources(
  server: Server,
  engine: Engine,
  { follow, drained = () => Promise.resolve() }: { follow: FollowRequest; drained?: (() => Promise<void>) | undefined },
): void {
  server.setRequestHandler("resources/list", async ({ params }) => {
    const catalogued = await listAll(engine, server.getNegotiatedProtocolVersion());
    const { items, next } = pageOf([...catalogued, ...recordedResources(engine)], params?.cursor);
    return { resources: [...items], ...next };
  });
  server.setRequestHandler("resources/templates/list", ({ params }) => {
    const revision = server.getNegotiatedProtocolVersion();
    const own = engine.catalogue().resources.flatMap((each) => toTemplate(each, revision) ?? []);
    const { items, next } = pageOf([...own, RECORD_TEMPLATE], params?.cursor);
    return { resourceTemplates: [...items], ...next };
  });
  server.setRequestHandler("resources/read", ({ params: { uri } }, context) => {
    const { signal } = context.mcpReq;
    const read = async (): Promise<ReadResourceResult> => {
      if (isRecordUri(uri)) return readRecord(engine, uri, signal);
      await using following = follow(context);
      return { contents: (await readPieces(uri, { engine, signal, follow: following.follow })).map(toContents) };
    };
    return isPrinted(engine, uri)
      ? read()
      : READING.pass(async () => {
          await drained();
          signal.throwIfAborted();
          return read();
        });
  });
}

/** What a command prints has bounds of its own, and may take its time. */
function isPrinted(engine: Engine, uri: string): boolean {
  if (isRecordUri(uri)) return false;
  const located = locate(engine, uri);
  return located.kind === "one" && located.resource.source.kind === "command";
}

async function listAll(engine: Engine, revision: string | undefined): Promise<readonly ListedResource[]> {
  const { resources } = engine.catalogue();
  const lists = await Promise.all(
    resources.map(async (resource) => {
      const own = [toResource(resource, revision)].filter((each) => each !== null);
      return own.concat(resource.source.kind === "folder" ? await filesOf(resource, resource.source) : []);
    }),
  );
  return lists.flat();
}

/** None where the folder is not there, or not where it may be. */
async function filesOf(resource: Resource, source: FolderSource): Promise<readonly ListedResource[]> {
  const { files } = await listFolder(source).catch(() => ({ files: [] }));
  const same = { ...mimeOf(resource), ...annotationsOf(resource) };
  return files.map((path) => Object.assign({ uri: `${source.base}${encodePath(path)}`, name: seenText(path) }, same));
}

/** A resource as `resources/list` shows it to a client of a revision, a folder as the list of its files; null: it is a template. */
export function toResource(resource: Resource, revision?: string): ListedResource | null {
  const { uri, source } = resource;
  if (source.kind === "folder") return { uri: source.base, ...told(resource, revision), mimeType: "text/plain" };
  return namesOf(uri).length > 0 ? null : { uri: uri.text, ...told(resource, revision), ...mimeOf(resource) };
}

/** A resource as `resources/templates/list` shows it; null: it is none. */
export function toTemplate(resource: Resource, revision?: string): ResourceTemplateType | null {
  const { uri } = resource;
  return namesOf(uri).length === 0 ? null : { uriTemplate: uri.text, ...told(resource, revision), ...mimeOf(resource) };
}

function mimeOf({ mime }: Resource): { readonly mimeType?: string } {
  return mime === "" ? {} : { mimeType: mime };
}

function told(
  resource: Resource,
  revision: string | undefined,
): Pick<ListedResource, "name" | "title" | "description" | "icons" | "annotations"> {
  const { name, title, description } = resource;
  return {
    name,
    ...(title === "" ? {} : { title }),
    ...(description === "" ? {} : { description }),
    ...iconsOf(resource.icons, revision),
    ...annotationsOf(resource),
  };
}

function annotationsOf({ audience, priority }: Resource): Pick<ListedResource, "annotations"> {
  if (audience.length === 0 && priority === null) return {};
  return {
    annotations: {
      ...(audience.length === 0 ? {} : { audience: [...audience] }),
      ...(priority === null ? {} : { priority }),
    },
  };
}

/** What an address means in a catalogue: the list of a folder, or one resource with the values in the address. */
export type Located =
  | { readonly kind: "list"; readonly source: FolderSource }
  | { readonly kind: "one"; readonly resource: Resource; readonly given: Readonly<Record<string, string>> };

/** The first that fits counts; what is not there is an error of the protocol. */
export function locate(engine: Engine, uri: string): Located {
  const { resources } = engine.catalogue();
  for (const resource of resources) {
    const { source } = resource;
    if (source.kind === "folder" && source.base === uri) return { kind: "list", source };
    const given = matchUri(resource.uri, uri);
    // A file is named by the path under which it is listed, not by a way around.
    const path = given?.["path"] ?? "";
    if (given && source.kind === "folder" && !holds(source, path))
      throw new ResourceNotFoundError(uri, `${JSON.stringify(path)} is not a file of ${source.base}`);
    if (given) return { kind: "one", resource, given };
  }
  const known = resources.map((each) => each.uri.text);
  const words = [`no resource has the address ${uri}`, didYouMean(uri, known)].filter((part) => part !== "");
  throw new ResourceNotFoundError(uri, words.join("; "));
}

/** The contents of a resource of the catalogue; what is not there, or may not be read, is an error of the protocol. */
export async function readPieces(uri: string, asking: Asking): Promise<readonly ResourcePiece[]> {
  const { engine } = asking;
  const located = locate(engine, uri);
  if (located.kind === "list") return [await readList(located.source, engine.catalogue().secrets)];
  return readOne(located.resource, located.given, { uri, asking });
}

async function readOne(
  resource: Resource,
  given: Readonly<Record<string, string>>,
  { uri, asking }: { readonly uri: string; readonly asking: Asking },
): Promise<readonly ResourcePiece[]> {
  const { source, mime, maxBytes } = resource;
  const { secrets } = asking.engine.catalogue();
  const options = { most: maxBytes, mime, uri, secrets };
  if (source.kind === "folder") {
    const root = await Promise.resolve(source).then(rootOf).catch(refusedAs(secrets));
    return [await fileContent(given["path"] ?? "", { roots: [root], exists: "file" }, options)];
  }
  if (source.kind === "command") {
    const values = await settleTexts(resource, given).catch(refusedAs(secrets));
    const request = { tool: source.use.command, arguments: argumentsOf(source.use, values) };
    const pieces = (await printedContent(asking, request)).flatMap((piece) => asResource(piece, resource, uri) ?? []);
    return pieces.length > 0 ? pieces : [{ kind: "resource", uri, mime: mime || "text/plain", body: { text: "" } }];
  }
  return [await fileContent(await filePath(resource, source, given, secrets), source.file.rule, options)];
}

/** The path of a file, as its place and the values in the address say. */
export async function filePath(
  resource: Resource,
  { file }: Extract<Resource["source"], { kind: "file" }>,
  given: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Promise<string> {
  const path = fillText(file.path, await settleTexts(resource, given).catch(refusedAs(secrets)));
  if (path !== undefined) return path;
  const text = `the address says no file; give one of ${namesOf(resource.uri).join(", ")}`;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

/** A line for each file. */
async function readList(source: FolderSource, secrets: readonly string[]): Promise<ResourcePiece> {
  const { files, isCut } = await listFolder(source).catch(refusedAs(secrets));
  const lines = files.map((path) => `${source.base}${encodePath(path)}\n`);
  const more = isCut ? "(and more, which are not listed)\n" : "";
  const text = createCleaner(secrets)(`${lines.join("")}${more}`);
  return { kind: "resource", uri: source.base, mime: "text/plain", body: { text } };
}

/** What a command printed, at the address of the resource; a link leads elsewhere, and is no content. */
function asResource(piece: Content, { mime }: Resource, uri: string): ResourcePiece | undefined {
  if (piece.kind === "link") return undefined;
  if (piece.kind === "resource") return { ...piece, uri, mime: mime || piece.mime };
  if (piece.kind === "text") return { kind: "resource", uri, mime: mime || "text/plain", body: { text: piece.text } };
  return { kind: "resource", uri, mime: piece.mime, body: { base64: piece.base64 } };
}

function toContents({ uri, mime, body }: ResourcePiece): ReadResourceResult["contents"][number] {
  return { uri, mimeType: mime, ...("text" in body ? { text: body.text } : { blob: body.base64 }) };
}
