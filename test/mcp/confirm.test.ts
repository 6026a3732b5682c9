import { join } from "node:path";
import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, expect, test } from "vitest";
import { createApprovals } from "../../src/mcp/approvals.ts";
import { createServer } from "../../src/mcp/server.ts";
import { atEnd, engineOf, folder, poll } from "../rig.ts";
import { FORMS, INFO, type Reply, askedClients, notesIn, textOf } from "./asked.ts";
import { clients } from "./clients.ts";
import { type Line, type Wire, envelope, initialize, wire } from "./wire.ts";

const YAML = `
commands:
  - name: note
    description: Writes a note.
    shell: sh
    run: echo "$arg_text" >> notes; echo noted
    params: { text: { type: string, required: true } }
    confirm: Note \${{ text }}?
  - { name: free, description: Asks nobody., run: [echo, free] }
`;

describe.each(askedClients)("the user of %s", (_, open) => {
  test("is shown what would run, and decides", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const actions: Reply["action"][] = ["decline", "cancel", "accept", "accept"];
    const asked: string[] = [];
    const session = await open(path, (message) => {
      asked.push(message);
      return { action: actions.shift() ?? "cancel" };
    });
    for (const text of ["no", "away"]) {
      const refused = await session.call(text);
      expect(refused.isError).toBe(true);
      expect(textOf(refused)).toMatch(/^refused \(confirm\.declined\):\nthe user did not confirm "note"/);
    }
    expect(notesIn(path)).toBe("");
    expect(textOf(await session.call("yes"))).toBe("noted\n");
    expect(textOf(await session.call("yes"))).toBe("noted\n");
    expect(notesIn(path)).toBe("yes\nyes\n");
    expect(asked).toHaveLength(4);
    expect(asked[2]).toMatch(/^Note yes\?\n\nWhat note would run:\n\n {4}sh -c /);
    expect(asked[2]).toContain("\n    variable: arg_text=yes");
    await session.close();
  });
});

describe.each(clients)("a client that cannot ask ($name)", ({ open }) => {
  test("is told how the call can be allowed, and nothing runs", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const session = await open(join(path, "mcpfier.yaml"));
    const refused = await session.call("note", { text: "x" });
    expect(refused.isError).toBe(true);
    expect(refused._meta?.["mcpfier/call"]).toMatchObject({ outcome: "refused", code: "confirm.unavailable" });
    expect(textOf(refused)).toContain("`mcpfier run note --yes`");
    expect(notesIn(path)).toBe("");
  });
});

/** Under a revision of the older era, with what the client can. */
async function older(capabilities: object, revision = "2025-11-25"): Promise<Wire> {
  const session = await wire(YAML, null);
  const hello = initialize(revision) as { readonly params: object };
  session.send({ ...hello, params: { ...hello.params, capabilities } });
  await session.answer("initialize");
  session.send({ method: "notifications/initialized" });
  return session;
}

const note = (id: number, text: string, more: object = {}): object => ({
  id,
  method: "tools/call",
  params: { name: "note", arguments: { text }, ...more },
});

const questionsOf = (session: Wire): readonly Line[] =>
  session.lines().filter(({ method }) => method === "elicitation/create");

async function questions(session: Wire, count: number): Promise<readonly Line[]> {
  await poll(
    () => questionsOf(session).length >= count,
    () => `no question; stderr: ${session.stderr()}`,
  );
  return questionsOf(session);
}

describe("in the older era", () => {
  test("two calls at once are each asked about, and each answer is for its own", async () => {
    const session = await older({ elicitation: { form: {} } }, "2025-06-18");
    session.send(note(1, "first"), note(2, "second"));
    const asked = await questions(session, 2);
    const idOf = (text: string): unknown =>
      asked.find(({ params }) => String(params?.["message"]).startsWith(`Note ${text}?`))?.id;
    expect(asked[0]?.params).toMatchObject({ requestedSchema: { type: "object", properties: {} } });
    session.send(
      { id: idOf("second"), result: { action: "accept" } },
      { id: idOf("first"), result: { action: "decline" } },
    );
    expect(textOf((await session.answer(2)).result ?? {})).toBe("noted\n");
    expect(textOf((await session.answer(1)).result ?? {})).toContain("confirm.declined");
    expect(notesIn(session.folder)).toBe("second\n");
    expect(await session.end()).toBe(0);
  });

  test("a cancelled call takes its question back, and a late yes runs nothing", async () => {
    const session = await older({ elicitation: {} });
    session.send(note(1, "x"));
    const [asked] = await questions(session, 1);
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    const isTakenBack = (): boolean =>
      session
        .lines()
        .some(({ method, params }) => method === "notifications/cancelled" && params?.["requestId"] === asked?.id);
    await poll(isTakenBack, () => "the question was not taken back");
    session.send({ id: asked?.id, result: { action: "accept" } });
    session.send({ id: 2, method: "tools/call", params: { name: "free", arguments: {} } });
    expect(textOf((await session.answer(2)).result ?? {})).toBe("free\n");
    expect(notesIn(session.folder)).toBe("");
    expect(session.lines().some(({ id }) => id === 1)).toBe(false);
    expect(await session.end()).toBe(0);
  });

  test("a client that goes while its user is asked ends the server at once, and nothing runs", async () => {
    const session = await older({ elicitation: {} });
    session.send(note(1, "x"));
    await questions(session, 1);
    expect(await session.end()).toBe(0);
    expect(notesIn(session.folder)).toBe("");
  });

  test("an error, an answer that is none, and forms that are not offered are no yes", async () => {
    const session = await older({ elicitation: {} });
    session.send(note(1, "a"));
    const [first] = await questions(session, 1);
    session.send({ id: first?.id, error: { code: -32601, message: "no such method" } });
    expect(textOf((await session.answer(1)).result ?? {})).toContain("confirm.unavailable");
    session.send(note(2, "b"));
    const [, second] = await questions(session, 2);
    session.send({ id: second?.id, result: { action: "sure", content: {} } });
    expect(textOf((await session.answer(2)).result ?? {})).toContain("confirm.unavailable");
    const other = await older({ elicitation: { url: {} } });
    other.send(note(1, "c"));
    expect(textOf((await other.answer(1)).result ?? {})).toContain("confirm.unavailable");
    expect([notesIn(session.folder), notesIn(other.folder)]).toEqual(["", ""]);
  });

  test("progress tells that the user is asked", async () => {
    const engine = await engineOf(YAML);
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const server = createServer(engine, "0", { heartbeatMs: 20 });
    const client = new ClientTwo(INFO, { ...FORMS, versionNegotiation: { mode: "legacy" } });
    atEnd(() => client.close());
    const answered = Promise.withResolvers<{ action: "accept" }>();
    client.setRequestHandler("elicitation/create", () => answered.promise);
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    const said: string[] = [];
    const result = await client.callTool(
      { name: "note", arguments: { text: "x" } },
      {
        onprogress: ({ message = "" }) => {
          said.push(message);
          if (said.filter((each) => each.startsWith("waiting for the user to confirm it")).length === 2)
            answered.resolve({ action: "accept" });
        },
      },
    );
    expect(textOf(result)).toBe("noted\n");
  });
});

const CLAIM = {
  ...envelope(),
  "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
};

interface Asked {
  readonly requestState: string;
  readonly inputRequests: Readonly<
    Record<string, { readonly method: string; readonly params: { readonly message: string } }>
  >;
}

/** A client of the newer era, which brings what it was given back as it likes. */
async function newer() {
  const session = await wire(YAML, null);
  let id = 0;
  const call = async (text: string, more: object = {}): Promise<Line> => {
    session.send(note(++id, text, { _meta: CLAIM, ...more }));
    return session.answer(id);
  };
  const ask = async (text: string, more: object = {}): Promise<Asked> => {
    const { result } = await call(text, more);
    expect(result).toMatchObject({ resultType: "input_required" });
    return result as unknown as Asked;
  };
  return { session, call, ask };
}

const accept = (requestState?: string): object => ({
  inputResponses: { confirm: { action: "accept", content: {} } },
  ...(requestState === undefined ? {} : { requestState }),
});

describe("in the newer era", () => {
  test("the question is the answer, and the same call with its state runs once", async () => {
    const { session, call, ask } = await newer();
    const asked = await ask("x");
    expect(asked.inputRequests).toMatchObject({
      confirm: { method: "elicitation/create", params: { message: expect.stringContaining("Note x?") as string } },
    });
    expect(Buffer.from(asked.requestState, "base64url").toString("latin1")).not.toMatch(/note|hash/);
    expect(notesIn(session.folder)).toBe("");
    const ran = await call("x", accept(asked.requestState));
    expect(textOf(ran.result ?? {})).toBe("noted\n");
    // Once more is asked about once more.
    const again = await ask("x", accept(asked.requestState));
    expect(notesIn(session.folder)).toBe("x\n");
    await call("x", accept(again.requestState));
    expect(notesIn(session.folder)).toBe("x\nx\n");
    expect(await session.end()).toBe(0);
  });

  test("a yes without a state, or for other arguments, is asked again; one with a changed state is refused", async () => {
    const { session, call, ask } = await newer();
    const { requestState } = await ask("x");
    await ask("x", accept());
    const bytes = Buffer.from(requestState, "base64url");
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    for (const changed of [bytes.toString("base64url"), "", "x", requestState.slice(0, -2)])
      expect((await call("x", accept(changed))).error).toMatchObject({ code: -32602 });
    await ask("y", accept(requestState));
    // A state without an answer is taken all the same, and asked about anew.
    await ask("x", { requestState });
    await ask("x", accept(requestState));
    for (const response of [{ action: "sure" }, {}, null, "accept"])
      await ask("x", { requestState: (await ask("x")).requestState, inputResponses: { confirm: response } });
    const { requestState: last } = await ask("x");
    const declined = await call("x", { requestState: last, inputResponses: { confirm: { action: "decline" } } });
    expect(textOf(declined.result ?? {})).toContain("confirm.declined");
    await ask("x", accept(last));
    expect(notesIn(session.folder)).toBe("");
    expect(await session.end()).toBe(0);
  });

  test("a client is asked that declares forms, in either spelling, and no other", async () => {
    const { session, call } = await newer();
    for (const [elicitation, isAsked] of [
      [{}, true],
      [{ form: {} }, true],
      [{ url: {} }, false],
      [undefined, false],
    ]) {
      const able = elicitation === undefined ? {} : { elicitation };
      const { result } = await call("x", { _meta: { ...CLAIM, "io.modelcontextprotocol/clientCapabilities": able } });
      expect(result?.["resultType"] === "input_required", JSON.stringify(able)).toBe(isAsked);
      if (!isAsked) expect(textOf(result ?? {})).toContain("confirm.unavailable");
    }
    expect(await session.end()).toBe(0);
  });

  test("a state that is too old is asked about again, and that of another server is none", async () => {
    let now = 0;
    const approvals = createApprovals({ lifeMs: 1000, now: () => now });
    const engine = await engineOf(YAML);
    const actions: (() => Reply["action"])[] = [
      () => {
        now = 1000;
        return "accept";
      },
      () => {
        now = 1999;
        return "accept";
      },
    ];
    let asked = 0;
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const connection = serveStdio(() => createServer(engine, "0", { approvals }), { transport: ours });
    const client = new ClientTwo(INFO, { ...FORMS, versionNegotiation: { mode: "auto" } });
    atEnd(() => client.close());
    atEnd(() => connection.close());
    client.setRequestHandler("elicitation/create", () => ({ action: actions[asked++]?.() ?? "cancel", content: {} }));
    await client.connect(theirs);
    expect(textOf(await client.callTool({ name: "note", arguments: { text: "x" } }))).toBe("noted\n");
    expect(asked).toBe(2);
    const hash = "any";
    expect(approvals.knows(approvals.issue(hash))).toBe(true);
    expect(createApprovals().knows(approvals.issue(hash))).toBe(false);
    expect(createApprovals().take(approvals.issue(hash), hash)).toBe(false);
  });
});

test("States that were taken are never taken again, however many there are", () => {
  const approvals = createApprovals();
  const early = approvals.issue("h");
  const states = Array.from({ length: 10_050 }, () => approvals.issue("h"));
  expect(states.every((state, index) => approvals.take(state, "h") === index < 10_000)).toBe(true);
  // Too many were taken since: what was on its way then is asked about again.
  expect(approvals.take(early, "h")).toBe(false);
  expect(states.some((state) => approvals.take(state, "h"))).toBe(false);
  const next = approvals.issue("h");
  expect([approvals.take(next, "other"), approvals.take(next, "h"), approvals.take(next, "h")]).toEqual([
    false,
    true,
    false,
  ]);
});
