import { join } from "node:path";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Subject } from "../catalogue/observer.ts";
import { stateOf } from "../catalogue/trail.ts";
import type { PathRule } from "../command/command.ts";
import { listFolder, rootOf } from "../command/folder.ts";
import { confine } from "../command/path.ts";
import type { Engine } from "../engine.ts";
import { type Located, filePath, locate } from "./catalogue-resources.ts";
import { isRecordUri } from "./resources.ts";

/** What decides the content of a resource; what nothing on the disk decides is an error of the protocol. */
export async function subjectOf(engine: Engine, uri: string): Promise<Subject> {
  if (isRecordUri(uri)) throw invalid("what a call printed is not followed; read it again");
  const located = locate(engine, uri);
  if (located.kind === "list") {
    const { files, folders } = await listFolder(located.source);
    return { state: files.join("\0"), paths: [located.source.path, ...folders], folders };
  }
  const { path, rule } = await fileOf(located, engine);
  const found = confine(path, rule);
  return { state: "path" in found ? stateOf(found.path) : found.code, paths: [path], folders: [] };
}

async function fileOf(
  { resource, given }: Extract<Located, { kind: "one" }>,
  engine: Engine,
): Promise<{ readonly path: string; readonly rule: PathRule }> {
  const { source } = resource;
  if (source.kind === "command") throw invalid("what a command prints is not followed; read it again");
  if (source.kind === "folder") {
    const root = rootOf(source);
    return { path: join(root, given["path"] ?? ""), rule: { roots: [root], exists: "file" } };
  }
  const path = await filePath(resource, source, given, engine.catalogue().secrets);
  return { path, rule: source.file.rule };
}

function invalid(text: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}
