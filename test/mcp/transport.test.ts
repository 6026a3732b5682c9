import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { setLogLevel } from "../../src/base/log.ts";
import { createServer } from "../../src/mcp/server.ts";
import { createTransport } from "../../src/mcp/transport.ts";
import { atEnd, engineOf, poll } from "../rig.ts";
import { initialize } from "./wire.ts";

const KIB = 1024;

interface Came {
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Ends {
  readonly input: PassThrough;
  readonly output: PassThrough;
  readonly transport: ReturnType<typeof createTransport>;
  send(...messages: readonly object[]): void;
  /** What came, from when it is first asked for. */
  read(): readonly Came[];
  hasEnded(): boolean;
}

function ends(): Ends {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let hasEnded = false;
  let rest = "";
  const came: Came[] = [];
  const take = (chunk: string): void => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    came.push(...lines.map((line) => JSON.parse(line) as Came));
  };
  return {
    input,
    output,
    transport: createTransport({ input, output, ended: () => (hasEnded = true) }),
    send: (...messages) => {
      for (const message of messages) input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    },
    read: () => {
      if (!output.readableFlowing) output.setEncoding("utf8").on("data", take);
      return came;
    },
    hasEnded: () => hasEnded,
  };
}

test("M19: of what a handler throws the client is told no more than where the log tells of it", async () => {
  setLogLevel("silent");
  atEnd(() => setLogLevel("warn"));
  const { transport, send, read } = ends();
  const engine = await engineOf("commands: [{ name: say, description: d, run: [echo] }]");
  const broken = {
    ...engine,
    find: (): never => {
      throw new Error("the canary");
    },
  };
  await createServer(broken, "1").connect(transport);
  send(initialize("2025-11-25"), { id: 1, method: "tools/call", params: { name: "say" } });
  await poll(
    () => read().length === 2,
    () => "no answer",
  );
  expect(read()[1]).toEqual({
    jsonrpc: "2.0",
    id: 1,
    error: {
      code: -32603,
      message: expect.stringMatching(
        /^a defect of mcpfier stopped the request; its log tells more under [0-9a-f-]{36}$/,
      ),
    },
  });
  await transport.close();
});

test("while 16 MiB of answers lie unread no more is read, and all is answered once they are read", async () => {
  const { transport, send, read, output } = ends();
  const count = 400;
  let delivered = 0;
  // oxlint-disable-next-line prefer-add-event-listener -- the protocol library's interface has no other way
  transport.onmessage = (message) => {
    delivered++;
    const { id } = message as { id: number };
    void transport.send({
      jsonrpc: "2.0",
      id,
      result: id === 0 ? {} : { text: "x".repeat(100 * KIB) },
    });
  };
  await transport.start();
  send(
    { ...initialize("2025-11-25"), id: 0 },
    ...Array.from({ length: count }, (_, id) => ({ id: id + 1, method: "tools/list" })),
  );
  await poll(
    () => delivered > 100,
    () => "nothing was read",
  );
  for (let turns = 0; turns < 200; turns++) await turn();
  expect(delivered).toBeLessThan((16 * KIB) / 100 + 64);
  expect(output.writableLength).toBeLessThan(20 * KIB * KIB);
  await poll(
    () => read().length === count + 1,
    () => `only ${read().length} were answered`,
  );
  await transport.close();
});

test("the end of the input ends it once, after what came before was answered", async () => {
  const { transport, send, read, input, hasEnded } = ends();
  let closed = 0;
  // oxlint-disable-next-line prefer-add-event-listener -- as above
  transport.onclose = () => closed++;
  await transport.start();
  send({ id: 1, method: "ping" });
  input.end();
  await poll(hasEnded, () => "it did not end");
  await transport.close();
  await poll(
    () => read().length === 1,
    () => "the ping was not answered",
  );
  expect(closed).toBe(1);
});

test("of a last chunk that takes several turns each message is answered before the end of the input counts", async () => {
  const { transport, read, input, hasEnded } = ends();
  const count = 1000;
  await transport.start();
  input.write(
    Array.from({ length: count }, (_, id) => `${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`).join(""),
  );
  input.end();
  await poll(hasEnded, () => "it did not end");
  await poll(
    () => read().length === count,
    () => `only ${read().length} were answered`,
  );
});
