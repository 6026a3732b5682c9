import { type Message, PROTOCOL, countTools } from "./handshake.ts";

/** Has the tools of a server at a URL listed (Streamable HTTP of the protocol); rejects with the reason when it is none. */
export async function reach(url: string, version: string, signal: AbortSignal): Promise<number> {
  let session: string | null = null;

  const headers = (): Record<string, string> => ({
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": PROTOCOL,
    ...(session === null ? {} : { "mcp-session-id": session }),
  });

  async function send(message: object, id: number | null): Promise<Message> {
    const response = await ask(url, { method: "POST", headers: headers(), body: JSON.stringify(message), signal });
    session ??= response.headers.get("mcp-session-id");
    const text = await response.text();
    if (!response.ok) throw new Error(`it answered with HTTP status ${response.status}${hintOf(response.status)}`);
    return id === null ? {} : messageIn(text, id);
  }

  try {
    return await countTools(version, send);
  } finally {
    if (session !== null) await fetch(url, { method: "DELETE", headers: headers(), signal }).catch(() => undefined);
  }
}

async function ask(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new Error(`nothing answers at ${url}: ${cause?.code ?? message}`, { cause: error });
  }
}

/** The answer itself, or in a stream of events. */
function messageIn(text: string, id: number): Message {
  const events = [text, ...Array.from(text.matchAll(/^data: ?(.*)$/gm), ([, data = ""]) => data)];
  for (const each of events) {
    const message = parsed(each);
    if (message?.id === id) return message;
  }
  throw new Error(`what it answered is no message of the protocol: ${text.slice(0, 200)}`);
}

function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ": it wants to know who asks, which its client has to tell";
  return status === 404 ? ": the path of mcpfier's own server is /mcp" : "";
}
