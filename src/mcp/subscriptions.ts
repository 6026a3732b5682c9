import { ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import { lazy } from "../base/lazy.ts";
import type { Observer, Subject } from "../catalogue/observer.ts";
import type { Engine } from "../engine.ts";
import type { Listening } from "./listening.ts";
import { refusedAs } from "./pieces.ts";

// Most clients follow nothing.
const subjects = lazy(() => import("./subject.ts"));
const observers = lazy(() => import("../catalogue/observer.ts"));

/** Addresses that one client follows. */
const MOST = 1000;

/** Tells a client of changes of the resources that it follows, in both eras; the answer stops it. */
export function serveSubscriptions(server: Server, engine: Engine, listening?: Listening): () => void {
  const followed = new Set<string>();
  let observer: Observer | undefined;
  let isOver = false;
  const told = (uri: string): void => void server.sendResourceUpdated({ uri }).catch(() => undefined);

  async function follow(uri: string): Promise<void> {
    if (followed.has(uri)) return;
    if (followed.size >= MOST)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `a client follows ${MOST} resources at most`);
    followed.add(uri);
    const [{ createObserver }, { subjectOf }] = await Promise.all([observers(), subjects()]);
    if (isOver) return;
    observer ??= createObserver(told);
    // What went may come again where it was.
    let last: Subject = { state: "", paths: [], folders: [] };
    const ask = async (): Promise<Subject> =>
      (last = await subjectOf(engine, uri).catch(() => ({ ...last, state: "nothing" })));
    await observer.add(uri, ask);
    if (!followed.has(uri)) observer.remove(uri);
  }

  function leave(uri: string): void {
    if (followed.delete(uri)) observer?.remove(uri);
  }

  server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
    const { subjectOf } = await subjects();
    await subjectOf(engine, uri).catch(refusedAs(engine.catalogue().secrets));
    await follow(uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    leave(uri);
    return {};
  });
  listening?.onChange((uris) => {
    for (const uri of followed) if (!uris.has(uri)) leave(uri);
    for (const uri of uris) follow(uri).catch(() => undefined);
  });
  const forget = engine.onReplace(() => observer?.again());
  return () => {
    isOver = true;
    forget();
    observer?.close();
  };
}
