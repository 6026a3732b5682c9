import { type JSONRPCMessage, type JSONRPCRequest, Server, type Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainRequest, plainResult } from "../../src/mcp/plain-call.ts";

const ERAS = ["2024-11-05", "2025-11-25", "2026-07-28"] as const;
type Era = (typeof ERAS)[number];

/** What each field is: right, but for some that are wrong, or the library's own, or more than it knows. */
const any = fc.oneof(fc.constantFrom(null, true, 0, 0.5, 2 ** 53, "", "text", [], {}), fc.jsonValue({ maxDepth: 2 }));
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<unknown> = any): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 19, arbitrary: usual }, { weight: 1, arbitrary: other });

function fields(known: Readonly<Record<string, fc.Arbitrary<unknown>>>, requiredKeys: string[]): fc.Arbitrary<unknown> {
  const usual = fc.record(known, { requiredKeys });
  return mostly(usual, fc.tuple(usual, fc.constantFrom(...MORE), any).map(extended));
}

const MORE = ["__proto__", "constructor", "task", "extra", "inputResponses", "requestState", "annotations"];

/** As a parser makes it: `__proto__` is a field as any other. */
function extended([value, name, more]: readonly [object, string, unknown]): unknown {
  return Object.defineProperty({ ...value }, name, {
    value: more,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

const record = fields({ one: any, toString: any }, []);
const meta = fields(
  {
    "mcpfier/call": record,
    progressToken: mostly(fc.oneof(fc.string(), fc.integer())),
  },
  ["mcpfier/call"],
);
const metas = fc.oneof(
  { weight: 9, arbitrary: meta },
  {
    weight: 1,
    arbitrary: fields(
      {
        "io.modelcontextprotocol/related-task": mostly(fields({ taskId: fc.string(), more: any }, ["taskId"])),
        "io.modelcontextprotocol/serverInfo": any,
      },
      ["io.modelcontextprotocol/related-task"],
    ),
  },
);
const call = fields({ name: mostly(fc.string()), arguments: mostly(record), _meta: mostly(metas) }, ["name"]);
const words = fields({ type: mostly(fc.constant("text")), text: mostly(fc.string()) }, ["type", "text"]);
const link = fields({ type: fc.constant("resource_link"), uri: fc.string(), name: fc.string() }, [
  "type",
  "uri",
  "name",
]);
const outcome = fields(
  {
    content: mostly(fc.array(mostly(words, link), { maxLength: 3 })),
    structuredContent: mostly(record),
    isError: mostly(fc.boolean()),
    _meta: mostly(fc.record({ "mcpfier/call": record }), metas),
  },
  ["content"],
);

test.each(ERAS)("a call that is taken without the library's schemas is what %s makes of it", async (era) => {
  const library = await connect(era);
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(call, async (given) => {
      // The newer era takes its own out of `_meta`, and what is empty then with it.
      fc.pre(JSON.stringify((given as { readonly _meta?: unknown })._meta) !== "{}");
      const own = plainRequest("tools/call", { method: "tools/call", params: given });
      if (!own) return;
      taken++;
      const { seen } = await library.call(given as object, { content: [] });
      expect(own.value).toEqual(seen);
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(100);
});

test.each(ERAS)("a result that is sent without the library's schemas is what %s makes of it", async (era) => {
  const library = await connect(era);
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(outcome, async (given) => {
      const own = plainResult("tools/call", given);
      if (!own) return;
      taken++;
      const { answer } = await library.call({ name: "tool" }, given);
      expect(told(answer)).toBe(JSON.stringify(own.value));
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(100);
});

test("what the library's schemas refuse, or change, is left to them", () => {
  const name = "tool";
  const requests = [
    undefined,
    null,
    [],
    {},
    { name: 1 },
    { name, task: {} },
    { name, more: 1 },
    { name, arguments: [] },
  ];
  const odd = [null, [], "x", { progressToken: {} }, { "io.modelcontextprotocol/related-task": { taskId: "t" } }];
  const results = [null, [], {}, { content: {} }, { content: [{ type: "text" }] }, { content: [], isError: 1 }];
  const asked = [...requests, ...odd.map((_meta) => ({ name, _meta }))];
  expect(asked.filter((each) => plainRequest("tools/call", { method: "tools/call", params: each }))).toEqual([]);
  expect(results.filter((each) => plainResult("tools/call", each))).toEqual([]);
  expect(plainRequest("prompts/get", { method: "prompts/get", params: { name } })).toBeUndefined();
  expect(plainResult("prompts/get", { content: [] })).toBeUndefined();
});

/** The answer without what the library adds to every result of the newer era. */
function told(answer: JSONRPCMessage): string {
  const { resultType: _type, _meta, ...rest } = (answer as { result: Record<string, unknown> }).result;
  const { "io.modelcontextprotocol/serverInfo": info, ...more } = (_meta ?? {}) as Record<string, unknown>;
  const isBare = _meta === undefined || (info !== undefined && Object.keys(more).length === 0);
  return JSON.stringify({ ...(isBare ? {} : { _meta: more }), ...rest });
}

/** The library itself, in a session of an era. */
async function connect(era: Era) {
  let result: unknown;
  let seen: unknown;
  let heard: ((message: JSONRPCMessage) => void) | undefined;
  let id = 0;
  const isModern = era === "2026-07-28";
  const server = (): Server => {
    const made = new Server({ name: "reference", version: "1" }, { capabilities: { tools: {} } });
    made.setRequestHandler("tools/call", (request) => {
      seen = request;
      return result as { content: [] };
    });
    return made;
  };
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => Promise.resolve(heard?.(message)),
    close: () => Promise.resolve(),
  };
  serveStdio(server, { transport });
  const ask = (method: string, params: object): Promise<JSONRPCMessage> =>
    new Promise((resolve) => {
      heard = resolve;
      transport.onmessage?.({ jsonrpc: "2.0", id: ++id, method, params } as JSONRPCRequest);
    });
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  if (!isModern)
    await ask("initialize", { protocolVersion: era, capabilities: {}, clientInfo: { name: "c", version: "1" } });
  return {
    call: async (params: object, wanted: unknown) => {
      result = wanted;
      seen = undefined;
      const { _meta } = params as { readonly _meta?: object };
      const answer = await ask("tools/call", isModern ? { ...params, _meta: { ..._meta, ...envelope } } : params);
      return { answer, seen };
    },
  };
}
