import { join } from "node:path";
import { ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import { type Subject, createObserver } from "../catalogue/observer.ts";
import { stateOf } from "../catalogue/trail.ts";
import { listFolder, rootOf } from "../command/folder.ts";
import { confine } from "../command/path.ts";
import type { Engine } from "../engine.ts";
import { type Located, filePath, locate } from "./catalogue-resources.ts";
import type { Listening } from "./listening.ts";
import { refusedAs } from "./pieces.ts";
import { isRecordUri } from "./resources.ts";
import { safely } from "./safely.ts";

/** Addresses that one client follows. */
const MOST = 1000;

/** Tells a client of changes of the resources that it follows, in both eras; the answer stops it. */
export function serveSubscriptions(server: Server, engine: Engine, listening?: Listening): () => void {
  const followed = new Set<string>();
  const observer = createObserver((uri) => void server.sendResourceUpdated({ uri }).catch(() => undefined));

  async function follow(uri: string): Promise<void> {
    if (followed.has(uri)) return;
    if (followed.size >= MOST) throw invalid(`a client follows ${MOST} resources at most`);
    followed.add(uri);
    // What went may come again where it was.
    let last: Subject = { state: "", paths: [], folders: [] };
    const ask = async (): Promise<Subject> =>
      (last = await subjectOf(engine, uri).catch(() => ({ ...last, state: "nothing" })));
    await observer.add(uri, ask);
    if (!followed.has(uri)) observer.remove(uri);
  }

  function leave(uri: string): void {
    if (followed.delete(uri)) observer.remove(uri);
  }

  server.setRequestHandler(
    "resources/subscribe",
    safely(async ({ params: { uri } }) => {
      await subjectOf(engine, uri).catch(refusedAs(engine.catalogue().secrets));
      await follow(uri);
      return {};
    }),
  );
  server.setRequestHandler(
    "resources/unsubscribe",
    safely(({ params: { uri } }) => {
      leave(uri);
      return {};
    }),
  );
  listening?.onChange((uris) => {
    for (const uri of followed) if (!uris.has(uri)) leave(uri);
    for (const uri of uris) follow(uri).catch(() => undefined);
  });
  const forget = engine.onReplace(() => observer.again());
  return () => {
    forget();
    observer.close();
  };
}

/** What decides the content of a resource; what nothing on the disk decides is an error of the protocol. */
async function subjectOf(engine: Engine, uri: string): Promise<Subject> {
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
): Promise<{ readonly path: string; readonly rule: Parameters<typeof confine>[1] }> {
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
