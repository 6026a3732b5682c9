// A client of our own over HTTP: what is sent goes by turns in a session and, as of 2026-07-28, by itself.
import { once } from "node:events";
import { join } from "node:path";
import type { Message, Raw } from "../mcp/raw.ts";
import { atEnd, folder, poll } from "../rig.ts";
import { initialize, modern } from "./rig.ts";
import { served } from "./served.ts";

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** Serves a catalogue's text to a session and to one that subscribes, which both listen. */
export async function rawHttp(yaml: string): Promise<Omit<Raw, "exited">> {
  const path = folder({ "mcpfier.yaml": yaml });
  const { child, url, stderr } = await served(["serve", "--http", "0", "-c", join(path, "mcpfier.yaml")], {
    cwd: path,
  });
  const received: Message[] = [];
  const stop = new AbortController();
  atEnd(() => stop.abort());
  const begun = await fetch(url, { method: "POST", headers: HEADERS, body: initialize() });
  await begun.text();
  const session = { ...HEADERS, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };

  async function request(init: RequestInit): Promise<void> {
    const response = await fetch(url, { ...init, signal: stop.signal });
    let rest = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data: {")) received.push(JSON.parse(line.slice(6)) as Message);
    }
    if (rest.startsWith("{")) received.push(JSON.parse(rest) as Message);
  }
  /** Its end, by whoever, is seen in what was received. */
  const post = (init: RequestInit): void => void request(init).catch(() => undefined);

  post({ headers: session });
  post({ method: "POST", ...modern(-1, "subscriptions/listen", { notifications: { toolsListChanged: true } }) });
  await poll(
    () => received.some(({ method }) => method === "notifications/subscriptions/acknowledged"),
    () => `no subscription: ${JSON.stringify(received)}`,
  );

  function send(message: { readonly id?: number; readonly method?: string; readonly params?: object }): void {
    const { id = 0, method = "", params = {} } = message;
    if (id % 2 === 0) return post({ method: "POST", ...modern(id, method, params) });
    post({ method: "POST", headers: session, body: JSON.stringify({ jsonrpc: "2.0", id, method, params }) });
  }
  const find = (id: number): Message | undefined => received.find((message) => message.id === id && !message.method);
  return {
    child,
    folder: path,
    send,
    call: (id, name, args) => send({ id, method: "tools/call", params: { name, arguments: args } }),
    answer: async (id) => {
      await poll(
        () => find(id) !== undefined,
        () => `no answer to ${id}; stderr: ${stderr()}`,
      );
      return find(id) as Message;
    },
    messages: () => received,
    stderr,
    end: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}
