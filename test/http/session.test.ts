import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { folder, poll } from "../rig.ts";
import { type Served, initialize, messagesOf, modern, serveHere, watchedEngine } from "./rig.ts";

const YAML = `
commands:
  - { name: hello, description: Says hello, run: [echo, hello] }
  - name: wait
    description: Waits for a file
    shell: sh
    run: |
      touch "$arg_file.begun"
      until [ -e "$arg_file" ]; do sleep 0.02; done
      echo waited
    params: { file: { type: string, required: true } }
  - name: later
    description: Goes on as a job
    shell: sh
    run: until [ -e "$arg_file" ]; do sleep 0.02; done
    handoff: 10ms
    params: { file: { type: string, required: true } }
`;

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

interface Session {
  readonly id: string;
  post(message: unknown, more?: RequestInit): Promise<Response>;
  /** The messages that a request is answered with. */
  ask(message: unknown): Promise<readonly unknown[]>;
}

async function open({ url }: Served, revision?: string): Promise<Session> {
  const begun = await fetch(`${url}/mcp`, { method: "POST", headers: HEADERS, body: initialize("begin", revision) });
  const id = begun.headers.get("mcp-session-id") ?? "";
  await begun.arrayBuffer();
  const headers = { ...HEADERS, "mcp-session-id": id };
  const post: Session["post"] = (message, more) =>
    fetch(`${url}/mcp`, { method: "POST", headers, body: JSON.stringify(message), ...more });
  return { id, post, ask: async (message) => messagesOf(await (await post(message)).text()) };
}

function call(id: number | string, name: string, args: object = {}): object {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } };
}

function cancel(requestId: unknown): object {
  return { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } };
}

/** A call of `wait` that has begun; `go` lets it end. */
async function begin(session: Session, id: number | string, more?: RequestInit) {
  const file = join(folder(), "go");
  const answer = session.post(call(id, "wait", { file }), more);
  await poll(
    () => existsSync(`${file}.begun`),
    () => "it does not begin",
  );
  return { answer, go: () => writeFileSync(file, "") };
}

describe("a session", () => {
  it("is found by its id, and ends by DELETE", async () => {
    const served = await serveHere(YAML);
    const { url } = served;
    const session = await open(served);
    const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
    expect(JSON.stringify(await session.ask(list))).toContain('"name":"hello"');
    expect((await session.post(JSON.parse(initialize(3)))).status).toBe(400);
    const mine = { ...HEADERS, "mcp-session-id": session.id };
    const other = { ...HEADERS, "mcp-session-id": `${session.id.slice(0, -1)}x` };
    expect((await session.post(list, { headers: { ...mine, "mcp-protocol-version": "1999-01-01" } })).status).toBe(400);
    expect((await session.post(list, { headers: other })).status).toBe(404);
    expect((await session.post(list, { headers: HEADERS })).status).toBe(400);
    expect((await fetch(`${url}/mcp`, { headers: HEADERS })).status).toBe(405);
    expect((await fetch(`${url}/mcp`, { method: "DELETE", headers: other })).status).toBe(404);
    expect((await fetch(`${url}/mcp`, { method: "DELETE", headers: mine })).status).toBe(200);
    expect((await session.post(list)).status).toBe(404);
  });

  it("is refused what names a revision without sessions, whatever the method", async () => {
    const served = await serveHere(YAML);
    const session = await open(served, "2025-06-18");
    const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    const ask = (method: string, id: string | null, named?: string): Promise<Response> =>
      fetch(`${served.url}/mcp`, {
        method,
        headers: {
          ...HEADERS,
          ...(id === null ? {} : { "mcp-session-id": id }),
          ...(named === undefined ? {} : { "mcp-protocol-version": named }),
        },
        ...(method === "POST" ? { body: list } : {}),
      });
    for (const method of ["POST", "GET", "DELETE"])
      for (const named of ["bogus", "", "1999-01-01", "2026-07-28", "2099-01-01"]) {
        const said = await ask(method, session.id, named);
        expect([method, named, said.status]).toEqual([method, named, 400]);
        expect(await said.json()).toMatchObject({
          error: {
            code: -32600,
            message: expect.stringMatching(RegExp(`expected 2025-11-25 or .* in a session, came "${named}"$`)),
          },
        });
      }
    const foreign = await ask("POST", null, "bogus");
    expect([foreign.status, await foreign.json()]).toMatchObject([
      400,
      { id: 2, error: { code: -32022, data: { requested: "bogus", supported: ["2026-07-28"] } } },
    ]);
    expect(messagesOf(await (await ask("POST", session.id, "2025-06-18")).text())).toMatchObject([
      { id: 2, result: {} },
    ]);
    expect((await ask("DELETE", session.id, "2025-11-25")).status).toBe(200);
  });

  it("does not begin by an initialize that is refused", async () => {
    const { url } = await serveHere(YAML);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    const said = await fetch(`${url}/mcp`, { method: "POST", headers: HEADERS, body });
    expect(said.headers.get("mcp-session-id")).toBeNull();
    expect(await said.json()).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  it("has each id under way once, and tells 1 from the text 1", async () => {
    const session = await open(await serveHere(YAML));
    const first = await begin(session, 1);
    const twice = await session.post(call(1, "hello"));
    expect([twice.status, await twice.json()]).toMatchObject([400, { id: null, error: { code: -32600 } }]);
    expect(await session.ask(call("1", "hello"))).toMatchObject([{ id: "1" }]);
    first.go();
    expect(messagesOf(await (await first.answer).text())).toMatchObject([
      { id: 1, result: { content: [{ text: "waited\n" }] } },
    ]);
    expect(await session.ask(call(1, "hello"))).toMatchObject([{ id: 1 }]);
  });

  it("cancels what it is told to, whose stream ends without an answer, and nothing else", async () => {
    const { engine, outcomes } = await watchedEngine(YAML);
    const session = await open(await serveHere(YAML, { engine }));
    const running = await begin(session, 1);
    for (const id of ["1", 2, null, {}]) expect((await session.post(cancel(id))).status).toBe(202);
    expect(await session.ask({ jsonrpc: "2.0", id: 3, method: "ping" })).toMatchObject([{ id: 3, result: {} }]);
    expect(outcomes).toEqual([]);
    expect((await session.post(cancel(1))).status).toBe(202);
    expect(messagesOf(await (await running.answer).text())).toEqual([]);
    await poll(
      () => outcomes.length > 0,
      () => "it is not cancelled",
    );
    expect(outcomes).toEqual(["cancelled"]);
  });

  it("goes on with a call whose client has lost the connection", async () => {
    const { engine, outcomes } = await watchedEngine(YAML);
    const session = await open(await serveHere(YAML, { engine }));
    const stop = new AbortController();
    const { answer, go } = await begin(session, 1, { signal: stop.signal });
    stop.abort();
    await expect(answer.then((response) => response.text())).rejects.toThrow("aborted");
    expect(await session.ask(call(2, "hello"))).toMatchObject([{ id: 2 }]);
    go();
    await poll(
      () => outcomes.length === 2,
      () => outcomes.join(),
    );
    expect(outcomes).toEqual(["completed", "completed"]);
  });

  it("takes what runs for it, jobs too, along when it ends", async () => {
    const { engine, outcomes } = await watchedEngine(YAML);
    const served = await serveHere(YAML, { engine });
    const session = await open(served);
    await session.ask(call(1, "later", { file: join(folder(), "never") }));
    const [job] = engine.jobs.list();
    const { answer } = await begin(session, 2);
    await fetch(served.url, { method: "DELETE", headers: { "mcp-session-id": session.id } });
    expect(messagesOf(await (await answer).text())).toEqual([]);
    await poll(
      () => outcomes.length === 2 && job?.hasEnded() === true,
      () => outcomes.join(),
    );
    expect(outcomes).toEqual(["handed_off", "cancelled"]);
    expect((await job?.cancel())?.kind).toBe("cancelled");
  });

  it("takes batches in the one revision that has them, all of them or none", async () => {
    const served = await serveHere(YAML);
    const old = await open(served, "2025-03-26");
    const answers = await old.ask([call(1, "hello"), cancel(9), call(2, "hello")]);
    expect(answers).toHaveLength(2);
    expect(answers).toEqual(expect.arrayContaining([1, 2].map((id) => expect.objectContaining({ id }))));
    for (const bad of [
      [],
      [call(3, "hello"), { jsonrpc: "2.0", id: 4 }],
      [call(5, "hello"), call(5, "hello")],
      [JSON.parse(initialize())],
      Array.from({ length: 1001 }, (_, id) => call(id, "hello")),
    ])
      expect([bad, (await old.post(bad)).status]).toEqual([bad, 400]);
    const newer = await open(served, "2025-06-18");
    expect((await newer.post([call(1, "hello")])).status).toBe(400);
  });
});

describe("a request of 2026-07-28", () => {
  it("is cancelled when its client goes, also after memory was tidied up", async () => {
    const { engine, outcomes } = await watchedEngine(YAML);
    const { url } = await serveHere(YAML, { engine });
    const file = join(folder(), "go");
    const stop = new AbortController();
    const { headers, body } = modern(1, "tools/call", { name: "wait", arguments: { file } });
    const answer = fetch(`${url}/mcp`, { method: "POST", headers, body, signal: stop.signal });
    await poll(
      () => existsSync(`${file}.begun`),
      () => "it does not begin",
    );
    await answer;
    setFlagsFromString("--expose-gc");
    const tidy = runInNewContext("gc") as () => void;
    for (let turn = 0; turn < 5; turn++) {
      tidy();
      await new Promise(setImmediate);
    }
    stop.abort();
    await poll(
      () => outcomes.length > 0,
      () => "it still runs",
    );
    expect(outcomes).toEqual(["cancelled"]);
  });
});
