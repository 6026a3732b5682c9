import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Answer as Answering, type Service, serve } from "../executors/webhook/service.ts";
import { folder, poll } from "../rig.ts";
import { type Answer, type ClientKind, type Session, clients } from "./clients.ts";

const DESCRIPTION = { description: "d", effect: "read" };
/** Longer than any test may take: what ends earlier was not ended by it. */
const TIMEOUT = "10m";

/** A client of a catalogue that asks a service. */
async function converse({ open }: ClientKind, answer: Answering): Promise<{ session: Session; service: Service }> {
  const service = await serve(answer);
  const commands = [
    {
      name: "show",
      ...DESCRIPTION,
      timeout: TIMEOUT,
      webhook: { url: `${service.url}/items/\${{ id }}`, allow_private: true },
      params: { id: { type: "string", required: true } },
    },
    {
      name: "make",
      ...DESCRIPTION,
      effect: "write",
      timeout: TIMEOUT,
      webhook: { url: `${service.url}/items`, body: { id: "${{ id }}" }, allow_private: true },
      params: { id: { type: "string" } },
    },
  ];
  const file = join(folder({ "mcpfier.yaml": JSON.stringify({ commands }) }), "mcpfier.yaml");
  return { service, session: await open(file) };
}

function factsOf(answer: Answer): unknown {
  return answer._meta?.["mcpfier/call"];
}

describe.each(clients.filter(({ name }) => name === "SDK 1" || name === "SDK 2 (auto)"))("$name", (kind) => {
  test("gets data, status and headers of an answer, and an error where the status is one", async () => {
    const { session, service } = await converse(kind, ({ path }, response) => {
      const headers = { "Content-Type": "application/json", ETag: '"1"', "Set-Cookie": "a=1" };
      if (path.endsWith("%3Fadmin%3D1")) response.writeHead(403, headers).end('{"why":"not yours"}');
      else response.writeHead(203, headers).end(path.endsWith("/list") ? "[1,2]" : '{"id":7,"of":{"a":[true]}}');
    });
    const shown = await session.call("show", { id: "7" });
    expect(shown).toMatchObject({
      content: [{ type: "text", text: '{"id":7,"of":{"a":[true]}}' }],
      structuredContent: { id: 7, of: { a: [true] } },
    });
    expect(factsOf(shown)).toMatchObject({ outcome: "completed", executor: "webhook", status: 203, attempt: 1 });
    expect(factsOf(shown)).toHaveProperty("headers", { "content-type": "application/json", etag: '"1"' });
    expect((await session.call("show", { id: "list" })).structuredContent).toEqual({ result: [1, 2] });

    const failed = await session.call("show", { id: "1?admin=1" });
    expect(failed).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^failed: HTTP 403 Forbidden\n[\s\S]*not yours/) }],
    });
    expect(failed.structuredContent).toBeUndefined();
    expect(factsOf(failed)).toMatchObject({ outcome: "failed", exitCode: 22, status: 403 });
    expect(factsOf(await session.call("show", { id: "../1" }))).toMatchObject({ code: "arguments.invalid" });
    expect(service.asked.map(({ path }) => path)).toEqual(["/items/7", "/items/list", "/items/1%3Fadmin%3D1"]);
  });

  test("cancels a call, whether or not its answer has begun, and the service sees the connection closed", async () => {
    const { session, service } = await converse(kind, ({ path, body }, response) => {
      if (`${path}${body}`.includes("whole")) response.end("whole");
      else if (`${path}${body}`.includes("half")) response.write("half");
    });
    for (const [tool, id] of [
      ["show", "none"],
      ["show", "half"],
      ["make", "none"],
      ["make", "half"],
    ] as const) {
      const before = service.asked.length;
      const cut = new AbortController();
      const called = session.call(tool, { id }, cut.signal).then(
        () => "answered",
        () => "cancelled",
      );
      await poll(
        () => service.asked.length === before + 1,
        () => "the service was not asked",
      );
      cut.abort();
      expect(await called).toBe("cancelled");
      await poll(
        () => service.open() === 0,
        () => "the connection stands after the call was cancelled",
      );
    }
    expect((await session.call("make", { id: "whole" })).content[0]?.text).toBe("whole");
    expect(service.asked.length).toBe(5);
  });
});
