import { join } from "node:path";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { serveHere } from "../http/rig.ts";
import { engineOf, folder, poll } from "../rig.ts";
import { type Form, type Reply, askedClients, clientTwo, notesIn, textOf } from "./asked.ts";
import { clients } from "./clients.ts";
import { type Line, type Wire, envelope, initialize, wire } from "./wire.ts";

const YAML = `
commands:
  - name: note
    description: Writes a note.
    shell: sh
    run: printf '%s\\n' "$arg_text $arg_count $arg_kind $arg_marks" >> notes; echo noted
    params:
      text: { type: string, required: true }
      count: { type: integer, minimum: 1, maximum: 9, default: 2, title: How many, description: Copies. }
      kind: { type: string, oneOf: [{ const: a, title: The first }, { const: b, title: The second }], required: true }
      marks: { type: array, items: { enum: [x, y] } }
    ask: [count, kind, marks]
    confirm: Note \${{ text }} as \${{ kind }}?
  - name: few
    description: Asks for little.
    run: [echo, "\${{ kind }}", "\${{ loud }}"]
    params:
      kind: { type: string, oneOf: [{ const: a, title: The first }, { const: b, title: The second }], default: b, required: true }
      loud: { type: boolean, default: true }
    ask: [kind, loud]
prompts:
  - name: greet
    text: Greet \${{ who }} \${{ times }} times\${{ by }}
    params:
      who: { type: string, required: true, minLength: 2, description: Whom }
      times: { type: integer, minimum: 1, default: 2 }
      by: { type: string, default: . }
    ask: [who]
`;

describe.each(askedClients)("the user of %s", (_, open) => {
  test("gives what the model did not, and then confirms exactly that", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const asked: { readonly message: string; readonly schema: Form }[] = [];
    const replies: Reply[] = [
      { action: "accept", content: { count: 3, kind: "a", marks: ["x", "x"] } },
      { action: "accept", content: {} },
      { action: "decline" },
      { action: "cancel" },
    ];
    const { call } = await open(path, (message, schema) => {
      asked.push({ message, schema });
      return replies.shift() ?? { action: "cancel" };
    });
    expect(textOf(await call("hello"))).toBe("noted\n");
    expect(notesIn(path)).toBe('hello 3 a ["x","x"]\n');
    expect(asked[0]?.message).toBe("note asks you for: count, kind, marks\n\nIt is called with:\n    text: hello");
    expect(asked[0]?.schema).toMatchObject({
      type: "object",
      properties: {
        count: { type: "integer", title: "How many", description: "Copies.", minimum: 1, maximum: 9, default: 2 },
        kind: {
          type: "string",
          oneOf: [
            { const: "a", title: "The first" },
            { const: "b", title: "The second" },
          ],
        },
        marks: { type: "array", items: { type: "string", enum: ["x", "y"] } },
      },
      required: ["kind"],
    });
    expect(asked[1]?.message).toMatch(/^Note hello as a\?\n\nWhat note would run:[^]*variable: arg_marks=/);
    for (const _each of ["decline", "cancel"]) {
      const refused = await call("no");
      expect(refused.isError).toBe(true);
      expect(refused._meta?.["mcpfier/call"]).toMatchObject({ outcome: "refused", code: "ask.declined" });
    }
    expect(asked).toHaveLength(4);
    expect(notesIn(path)).toBe('hello 3 a ["x","x"]\n');
  });
});

describe.each(clients.slice(0, 2))("a client that cannot ask ($name)", ({ open }) => {
  test("sees what it may leave out, and is told what to give; nothing runs", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const session = await open(join(path, "mcpfier.yaml"));
    const [note] = await session.tools();
    expect(note?.inputSchema).toMatchObject({ required: ["text"] });
    const refused = await session.call("note", { text: "x" });
    expect(refused._meta?.["mcpfier/call"]).toMatchObject({ outcome: "refused", code: "ask.unavailable" });
    expect(textOf(refused)).toContain(
      '"note" asks its user for "count", "kind", "marks", and nobody can be asked here',
    );
    expect(notesIn(path)).toBe("");
    expect(textOf(await session.call("few", { kind: "a", loud: null }))).toBe("a true\n");
  });
});

test.each(["legacy", "auto"] as const)("a client over HTTP is asked, too (%s)", async (mode) => {
  const engine = await engineOf(YAML);
  const { url } = await serveHere(YAML, { engine });
  const client = clientTwo(mode, () => ({ action: "accept", content: { kind: "a", loud: false } }));
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  expect(textOf(await client.callTool({ name: "few", arguments: {} }))).toBe("a false\n");
});

const call = (id: number, name: string, args: object, more: object = {}): object => ({
  id,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});

async function older(revision: string): Promise<Wire> {
  const session = await wire(YAML, null);
  const hello = initialize(revision) as { readonly params: object };
  session.send({ ...hello, params: { ...hello.params, capabilities: { elicitation: {} } } });
  await session.answer("initialize");
  session.send({ method: "notifications/initialized" });
  return session;
}

async function forms(session: Wire, count: number): Promise<Line> {
  const all = (): readonly Line[] => session.lines().filter(({ method }) => method === "elicitation/create");
  await poll(
    () => all().length >= count,
    () => `no form; stderr: ${session.stderr()}`,
  );
  return all()[count - 1] as Line;
}

describe("in the older era", () => {
  test("a client of 2025-06-18 gets the words that it knows, and no form that it could not show", async () => {
    const session = await older("2025-06-18");
    session.send(call(1, "few", {}));
    const form = await forms(session, 1);
    expect(form.params?.["requestedSchema"]).toEqual({
      type: "object",
      properties: {
        kind: { type: "string", enum: ["a", "b"], enumNames: ["The first", "The second"] },
        loud: { type: "boolean", default: true },
      },
      required: ["kind"],
    });
    session.send({ id: form.id, result: { action: "accept", content: { kind: "", loud: "yes" } } });
    const again = await forms(session, 2);
    expect(again.params?.["message"]).toMatch(/^That did not fit:\n {4}loud: must be boolean, came "yes"\n/);
    session.send({ id: again.id, result: { action: "accept", content: { kind: null, loud: false } } });
    expect(textOf((await session.answer(1)).result ?? {})).toBe("b false\n");
    session.send(call(2, "note", { text: "x" }));
    expect(textOf((await session.answer(2)).result ?? {})).toContain("ask.unavailable");
    expect(await session.end()).toBe(0);
  });

  test("a cancel takes the form back, and a late answer runs nothing", async () => {
    const session = await older("2025-11-25");
    session.send(call(1, "note", { text: "x" }));
    const form = await forms(session, 1);
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    const isTakenBack = (): boolean => session.lines().some(({ params }) => params?.["requestId"] === form.id);
    await poll(isTakenBack, () => "the form was not taken back");
    session.send({ id: form.id, result: { action: "accept", content: { kind: "a" } } });
    await session.settled();
    expect([notesIn(session.folder), session.lines().some(({ id }) => id === 1)]).toEqual(["", false]);
    expect(await session.end()).toBe(0);
  });
});

interface Pending {
  readonly requestState: string;
  readonly inputRequests: Readonly<Record<string, { readonly params: { readonly message: string } }>>;
}

/** A client of the newer era, which brings what it was given back as it likes. */
async function newer() {
  const session = await wire(YAML, null);
  const _meta = { ...envelope(), "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };
  let id = 0;
  const send = async (args: object, more: object = {}): Promise<Line> => {
    session.send(call(++id, "note", args, { _meta, ...more }));
    return session.answer(id);
  };
  /** The question of the answer, which is under this key. */
  const pending = async (key: string, args: object, more: object = {}): Promise<Pending> => {
    const { result } = await send(args, more);
    expect(result).toMatchObject({ resultType: "input_required", inputRequests: { [key]: {} } });
    return result as unknown as Pending;
  };
  return { session, send, pending };
}

const X = { text: "x" };
const entered = (requestState: string | undefined, content: object): object => ({
  inputResponses: { ask: { action: "accept", content } },
  ...(requestState === undefined ? {} : { requestState }),
});
const yes = (requestState: string): object => ({ inputResponses: { confirm: { action: "accept" } }, requestState });

describe("in the newer era", () => {
  test("what was entered goes sealed with the question after it, and runs once", async () => {
    const { session, send, pending } = await newer();
    const form = await pending("ask", X);
    const question = await pending("confirm", X, entered(form.requestState, { kind: "b", marks: ["y"] }));
    expect(question.inputRequests["confirm"]?.params.message).toMatch(/^Note x as b\?/);
    expect(Buffer.from(question.requestState, "base64url").toString("latin1")).not.toMatch(/kind|marks/);
    expect(notesIn(session.folder)).toBe("");
    expect(textOf((await send(X, yes(question.requestState))).result ?? {})).toBe("noted\n");
    expect(notesIn(session.folder)).toBe('x 2 b ["y"]\n');
    // Neither state is good a second time.
    await pending("ask", X, yes(question.requestState));
    await pending("ask", X, entered(form.requestState, { kind: "a" }));
    expect(notesIn(session.folder)).toBe('x 2 b ["y"]\n');
    expect(await session.end()).toBe(0);
  });

  test("an answer for other arguments is asked for again, and a changed state is refused", async () => {
    const { session, send, pending } = await newer();
    const content = { kind: "b" };
    const form = await pending("ask", X);
    await pending("ask", { text: "y" }, entered(form.requestState, content));
    await pending("ask", { text: "x", count: 5 }, entered(form.requestState, content));
    const bytes = Buffer.from(form.requestState, "base64url");
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    const { error } = await send(X, entered(bytes.toString("base64url"), content));
    expect(error).toMatchObject({ code: -32602 });
    const question = await pending("confirm", X, entered(form.requestState, content));
    // The question is for what was entered, and no other answer of the same request changes that.
    await pending("ask", { text: "y" }, yes(question.requestState));
    const other = await pending("confirm", X, {
      requestState: question.requestState,
      inputResponses: { ask: { action: "accept", content: { kind: "a" } } },
    });
    expect(other.inputRequests["confirm"]?.params.message).toMatch(/^Note x as b\?/);
    const declined = await send(X, {
      requestState: other.requestState,
      inputResponses: { confirm: { action: "decline" } },
    });
    expect(textOf(declined.result ?? {})).toContain("confirm.declined");
    expect(notesIn(session.folder)).toBe("");
    expect(await session.end()).toBe(0);
  });

  test("an answer without any state counts as what the caller gives by itself, and confirms nothing", async () => {
    const { session, send, pending } = await newer();
    const both = { ask: { action: "accept", content: { kind: "b" } }, confirm: { action: "accept" } };
    const question = await pending("confirm", X, { inputResponses: both });
    expect(question.inputRequests["confirm"]?.params.message).toMatch(/^Note x as b\?/);
    await pending("confirm", X, { inputResponses: both });
    expect(notesIn(session.folder)).toBe("");
    const again = await pending("ask", X, entered(undefined, { kind: "c" }));
    expect(again.inputRequests["ask"]?.params.message).toMatch(/^That did not fit:/);
    expect(textOf((await send(X, yes(question.requestState))).result ?? {})).toBe("noted\n");
    expect(await session.end()).toBe(0);
  });

  test("what does not fit is asked for once more, and the third form is a refusal", async () => {
    const { session, send, pending } = await newer();
    const first = await pending("ask", X);
    const second = await pending("ask", X, entered(first.requestState, { kind: "c" }));
    expect(second.inputRequests["ask"]?.params.message).toMatch(/^That did not fit:\n {4}kind: /);
    const third = await send(X, entered(second.requestState, { kind: "c" }));
    expect(textOf(third.result ?? {})).toContain("refused (arguments.invalid)");
    const again = await pending("ask", X);
    const mended = await pending("ask", X, entered(again.requestState, {}));
    const question = await pending("confirm", X, entered(mended.requestState, { kind: "a" }));
    expect(textOf((await send(X, yes(question.requestState))).result ?? {})).toBe("noted\n");
    const last = await pending("ask", X);
    for (const action of ["decline", "cancel"]) {
      const refused = await send(X, { requestState: last.requestState, inputResponses: { ask: { action } } });
      expect(textOf(refused.result ?? {})).toContain("refused (ask.declined)");
    }
    expect(notesIn(session.folder)).toBe("x 2 a \n");
    expect(await session.end()).toBe(0);
  });
});

describe("a prompt", () => {
  const greet = (id: number, args: object, more: object = {}): object => ({
    id,
    method: "prompts/get",
    params: { name: "greet", arguments: args, ...more },
  });
  const who = (required: boolean): object => ({ prompts: [{ arguments: [{ name: "who", required }, {}, {}] }] });
  const saying = (text: string): object => ({ messages: [{ role: "user", content: { type: "text", text } }] });

  test("asks for its arguments while it is made, in the older era", async () => {
    const session = await older("2025-11-25");
    session.send({ id: 1, method: "prompts/list" });
    expect((await session.answer(1)).result).toMatchObject(who(false));
    session.send(greet(2, { times: "3" }));
    const form = await forms(session, 1);
    expect(form.params?.["message"]).toMatch(/^greet asks you for: who\n\nIt is called with:\n {4}times: 3$/);
    session.send({ id: form.id, result: { action: "accept", content: { who: "x", times: 9 } } });
    const again = await forms(session, 2);
    expect(again.params?.["message"]).toMatch(/^That did not fit:\n {4}who: /);
    session.send({ id: again.id, result: { action: "accept", content: { who: "Ada" } } });
    expect((await session.answer(2)).result).toMatchObject(saying("Greet Ada 3 times."));
    session.send(greet(3, {}));
    session.send({ id: (await forms(session, 3)).id, result: { action: "decline" } });
    const said = expect.stringMatching(/^refused \(ask.declined\).*the prompt "greet" was not made/) as string;
    expect((await session.answer(3)).error).toMatchObject({ code: -32602, message: said });
    // Whoever can show it nobody is asked about what cannot be made anyway.
    session.send(greet(4, { times: "0" }));
    expect((await session.answer(4)).error).toMatchObject({ code: -32602 });
    session.send(greet(5, { who: "Bob" }));
    expect((await session.answer(5)).result).toMatchObject(saying("Greet Bob 2 times."));
    expect(await session.end()).toBe(0);
  });

  test("asks by its answer in the newer era, whose state is of these arguments", async () => {
    const { session } = await newer();
    const _meta = { ...envelope(), "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };
    let id = 100;
    const get = (args: object, more: object = {}): Promise<Line> => {
      session.send(greet(++id, args, { _meta, ...more }));
      return session.answer(id);
    };
    const inputResponses = { user_who: { action: "accept", content: { who: "Ada" } } };
    const { requestState } = (await get({})).result as unknown as Pending;
    expect((await get({ times: "4" }, { requestState, inputResponses })).result).toMatchObject({
      resultType: "input_required",
      inputRequests: { user_who: { params: { message: expect.stringContaining("times: 4") as string } } },
    });
    expect((await get({}, { requestState, inputResponses })).result).toMatchObject(saying("Greet Ada 2 times."));
    expect((await get({}, { requestState, inputResponses })).result).toMatchObject({ resultType: "input_required" });
    expect((await get({}, { requestState: "x", inputResponses })).error).toMatchObject({ code: -32602 });
    expect(await session.end()).toBe(0);
  });

  test("takes one value for an argument, whatever a client says was entered", async () => {
    const { session } = await newer();
    const _meta = { ...envelope(), "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };
    let id = 100;
    const get = (more: object): Promise<Line> => {
      session.send(greet(++id, {}, { _meta, ...more }));
      return session.answer(id);
    };
    for (const [wrongly, came] of [
      [["Ada"], "an array"],
      [{ toString: 1 }, "an object"],
    ] as const) {
      const wrong = { user_who: { action: "accept", content: { who: wrongly } } };
      const again = (await get({ inputResponses: wrong })).result as unknown as Pending;
      expect(JSON.stringify(again)).toContain(`That did not fit:\\n    who: expected one value, came ${came}`);
      const last = await get({ requestState: again.requestState, inputResponses: wrong });
      expect(last.error).toMatchObject({
        code: -32602,
        message: expect.stringContaining("arguments.invalid") as string,
      });
    }
    expect(await session.end()).toBe(0);
  });

  test("is refused without its arguments where nobody can be asked", async () => {
    const session = await wire(YAML, "2025-11-25");
    session.send({ id: 1, method: "prompts/list" });
    expect((await session.answer(1)).result).toMatchObject(who(true));
    session.send(greet(2, {}));
    expect((await session.answer(2)).error).toMatchObject({ code: -32602, message: expect.stringContaining("who") });
    expect(await session.end()).toBe(0);
  });
});
