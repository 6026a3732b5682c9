/** As far as an answer is read. */
export interface Message {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** Sends a message, and gives the answer to it; `id` null: nothing is answered. */
export type Send = (message: object, id: number | null) => Promise<Message>;

/** The era of the protocol that every server speaks. */
export const PROTOCOL = "2025-06-18";

/** Greets a server and counts its tools, on all pages; rejects when it answers with an error. */
export async function countTools(version: string, send: Send): Promise<number> {
  let last = 0;
  const ask = async (method: string, params: object): Promise<Readonly<Record<string, unknown>>> => {
    const id = ++last;
    const { result, error } = await send({ jsonrpc: "2.0", id, method, params }, id);
    if (result) return result;
    throw new Error(`it answered ${method} with an error: ${error?.message ?? ""}`);
  };
  const clientInfo = { name: "mcpfier setup", version };
  await ask("initialize", { protocolVersion: PROTOCOL, capabilities: {}, clientInfo });
  await send({ jsonrpc: "2.0", method: "notifications/initialized" }, null);
  let count = 0;
  let cursor: unknown;
  do {
    const { tools, nextCursor } = await ask("tools/list", cursor === undefined ? {} : { cursor });
    count += (tools as readonly unknown[]).length;
    cursor = nextCursor;
  } while (cursor !== undefined);
  return count;
}
