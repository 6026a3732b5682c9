// What clients are asked and told over HTTP while a session, or one request, is open.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client as ClientTwo, StreamableHTTPClientTransport as TransportTwo } from "@modelcontextprotocol/client";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { atEnd, collect, engineOf, folder, load, poll, start } from "../rig.ts";
import { initialize, messagesOf, modern, serveHere } from "./rig.ts";

const NOTE = `
commands:
  - name: note
    description: Writes a note.
    shell: sh
    run: echo "$arg_text" >> notes; echo noted
    params: { text: { type: string, required: true } }
    confirm: Note \${{ text }}?
`;

const INFO = { name: "mcpfier-tests", version: "1" };
const FORMS = { capabilities: { elicitation: {} } };
const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

type Decide = (message: string) => "accept" | "decline";
type Note = (text: string) => Promise<string>;

const textIn = (result: unknown): string =>
  (result as { readonly content: readonly { readonly text?: string }[] }).content[0]?.text ?? "";
const noteOf = (text: string) => ({ name: "note", arguments: { text } });

async function one(url: string, decide: Decide): Promise<Note> {
  const client = new ClientOne(INFO, FORMS);
  atEnd(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({ action: decide(params.message), content: {} }));
  await client.connect(new TransportOne(new URL(url)));
  return async (text) => textIn(await client.callTool(noteOf(text)));
}

const two =
  (mode: "legacy" | "auto" | { readonly pin: "2026-07-28" }) =>
  async (url: string, decide: Decide): Promise<Note> => {
    const client = new ClientTwo(INFO, { ...FORMS, versionNegotiation: { mode } });
    atEnd(() => client.close());
    client.setRequestHandler("elicitation/create", ({ params }) => ({ action: decide(params.message), content: {} }));
    await client.connect(new TransportTwo(new URL(url)));
    return async (text) => textIn(await client.callTool(noteOf(text)));
  };

/** Serves `NOTE` in a folder of its own. */
async function servedNotes(): Promise<{ readonly url: string; notes(): string }> {
  const path = folder();
  const engine = await engineOf(NOTE, { folder: path });
  const { url } = await serveHere(NOTE, { engine });
  const file = join(path, "notes");
  return { url: `${url}/mcp`, notes: () => (existsSync(file) ? readFileSync(file, "utf8") : "") };
}

describe.each([
  ["SDK 1", one],
  ["SDK 2 (legacy)", two("legacy")],
  ["SDK 2 (auto)", two("auto")],
  ["SDK 2 (2026-07-28)", two({ pin: "2026-07-28" })],
])("the user of %s over HTTP", (_, open) => {
  it("is asked before it runs, and decides", async () => {
    const { url, notes } = await servedNotes();
    const asked: string[] = [];
    const note = await open(url, (message) => {
      asked.push(message);
      return message.startsWith("Note yes?") ? "accept" : "decline";
    });
    expect(await note("no")).toContain("confirm.declined");
    expect(await note("yes")).toBe("noted\n");
    expect(notes()).toBe("yes\n");
    expect(asked).toHaveLength(2);
  });
});

it("a question of one session is answered by nobody else", async () => {
  const { url, notes } = await servedNotes();
  const post = (body: object | string, session = ""): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: { ...HEADERS, ...(session === "" ? {} : { "mcp-session-id": session }) },
      body: typeof body === "string" ? body : JSON.stringify({ jsonrpc: "2.0", ...body }),
    });
  const open = async (): Promise<string> => {
    const hello = initialize().replace('"capabilities":{}', '"capabilities":{"elicitation":{}}');
    return (await post(hello)).headers.get("mcp-session-id") ?? "";
  };
  const [mine, theirs] = await Promise.all([open(), open()]);
  const { body } = await post({ id: 1, method: "tools/call", params: noteOf("x") }, mine);
  let text = "";
  let question: { readonly id?: unknown } | undefined;
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    const messages = messagesOf(text.slice(0, text.lastIndexOf("\n\n") + 1)) as readonly {
      readonly id?: unknown;
      readonly method?: string;
    }[];
    if (question || !messages.some(({ method }) => method === "elicitation/create")) continue;
    question = messages.find(({ method }) => method === "elicitation/create");
    const answer = { id: question?.id, result: { action: "accept" } };
    expect((await post(answer, theirs)).status).toBe(202);
    // One after the other: what the other session said has been heard by then.
    expect(await (await post({ id: 2, method: "ping" }, theirs)).text()).toContain('"result":{}');
    expect(notes()).toBe("");
    expect((await post({ id: question?.id, result: { action: "decline" } }, mine)).status).toBe(202);
  }
  expect(text).toContain("confirm.declined");
  expect(notes()).toBe("");
});

describe("a change of the catalogue", () => {
  const yaml = (title: string): string => `
commands: []
prompts: [{ name: greet, title: ${title}, text: Greet me. }]
resources: [{ uri: "any:///file", name: any, title: ${title}, file: mcpfier.yaml }]
`;

  it("in its prompts and resources is told to who listens, in both eras, and the tools are not", async () => {
    const engine = await engineOf(yaml("One"));
    const { url } = await serveHere("", { engine });
    const begun = await fetch(url, { method: "POST", headers: HEADERS, body: initialize() });
    const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
    const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    const listen = modern(1, "subscriptions/listen", { notifications });
    const stop = new AbortController();
    const streams = await Promise.all([
      fetch(url, { headers: { ...HEADERS, ...session }, signal: stop.signal }),
      fetch(url, { method: "POST", headers: listen.headers, body: listen.body, signal: stop.signal }),
    ]);
    const { catalogue } = await load(yaml("Other"));
    if (!catalogue) throw new Error("it does not load");
    engine.replace(catalogue);
    for (const { body } of streams) {
      let text = "";
      for await (const chunk of body ?? []) {
        text += Buffer.from(chunk).toString();
        if (text.includes("prompts/list_changed") && text.includes("resources/list_changed")) break;
      }
      expect(text).not.toContain("tools/list_changed");
    }
    stop.abort();
  });

  it("in its settings of the server does not stop it, and what asks for more than it can do is not taken", async () => {
    const text = (name: string, server = ""): string =>
      `commands: [{ name: ${name}, description: d, run: [echo] }]\n${server}`;
    const cwd = folder({ "mcpfier.yaml": text("first") });
    const child = start(["serve", "--http", "0"], { cwd });
    const stderr = collect(child, "stderr");
    atEnd(() => child.kill("SIGTERM"));
    const says = (what: RegExp): Promise<void> => poll(() => what.test(stderr()), stderr);
    await says(/serving at http:\S+\/mcp\n/);
    const url = /serving at (http:\S+\/mcp)\n/.exec(stderr())?.[1] ?? "";
    const list = async (): Promise<string> => {
      const { headers, body } = modern(1, "tools/list");
      return (await fetch(url, { method: "POST", headers, body })).text();
    };
    const auth = "server: { http: { auth: { enabled: true } } }\nanalytics: { enabled: false }\n";
    writeFileSync(join(cwd, "mcpfier.yaml"), text("second", auth));
    await says(/auth.*the last good catalogue is still served/);
    expect(await list()).toContain('"name":"first"');
    writeFileSync(join(cwd, "mcpfier.yaml"), text("third", "server: { http: { port: 1, host: 192.0.2.1 } }\n"));
    await says(/the catalogue changed; now 1 command/);
    expect(await list()).toContain('"name":"third"');
    expect(child.exitCode).toBeNull();
  });
});
