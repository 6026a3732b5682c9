// What commands print on stderr, told to clients that ask for it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStderrLines } from "../../src/mcp/stderr-lines.ts";
import { type Said, createStderrLog } from "../../src/mcp/stderr-log.ts";
import { initialize, messagesOf, modern, serveHere } from "../http/rig.ts";
import { type Line, type Wire, envelope, wire } from "./wire.ts";

const YAML = `
commands:
  - name: warn
    description: Warns.
    shell: sh
    params: { word: { type: string, default: it }, token: { type: string, secret: true } }
    run: |
      printf 'first \\033[31m%s\\033[0m\\r\\n\\n' "$arg_word" >&2; echo out
      printf '10%%\\r100%%\\n::progress 1/2 half\\n::progress 2/2\\n  last %s %s' "$arg_word" "$arg_token" >&2
  - name: flood
    description: Says much.
    shell: sh
    run: seq -f 'line %.0f' 200000 >&2
  - name: endless
    description: Goes on.
    shell: sh
    run: echo begun >&2; while :; do echo more >&2; sleep 0.01; done
  - name: later
    description: Goes on as a job.
    shell: sh
    run: until [ -e go ]; do sleep 0.02; done; echo late >&2
    handoff: 10ms
  - { name: hint, description: Hints., effect: read, shell: sh, run: 'echo "a hint" >&2; echo text' }
resources: [{ uri: "test://hint", name: hint, command: hint }]
prompts: [{ name: hint, command: hint }]
`;

const isLog = ({ method }: { readonly method?: string }): boolean => method === "notifications/message";
const logsOf = (lines: readonly Line[]): readonly Said[] =>
  lines.filter(isLog).map(({ params }) => params as unknown as Said);
const textsOf = (lines: readonly Line[]): readonly string[] => logsOf(lines).map(({ data }) => data.text);
const idOf = ({ result }: Line): unknown =>
  (result?.["_meta"] as Readonly<Record<string, { readonly id: string }>> | undefined)?.["mcpfier/call"]?.id;

function call(id: number, name: string, args: object = {}, meta?: object): object {
  return { id, method: "tools/call", params: { name, arguments: args, ...(meta ? { _meta: meta } : {}) } };
}

async function setLevel(session: Wire, level: string): Promise<Line> {
  const id = `level ${level}`;
  session.send({ id, method: "logging/setLevel", params: { level } });
  return session.answer(id);
}

describe("a client of the older era", () => {
  test("is told nothing before it asks, then every line before the result, without secrets and what terminals read", async () => {
    const session = await wire(YAML);
    session.send(call(1, "warn"));
    await session.answer(1);
    expect(logsOf(session.lines())).toEqual([]);
    expect((await setLevel(session, "info")).result).toEqual({});
    session.send(call(2, "warn", { token: "hush-hush-1234" }));
    const callId = idOf(await session.answer(2));
    const said = ["first it", "100%", "half", "  last it [redacted]"];
    const params = said.map((text) => ({ level: "info", logger: "warn", data: { text, callId } }));
    expect(logsOf(session.lines())).toEqual(params);
    expect(session.lines().at(-1)?.id).toBe(2);
  });

  test("is told what the command of a prompt or a resource says, before it has it", async () => {
    const session = await wire(YAML);
    const asked = [
      { id: 1, method: "prompts/get", params: { name: "hint" } },
      { id: 2, method: "resources/read", params: { uri: "test://hint" } },
    ];
    await setLevel(session, "info");
    for (const each of asked) {
      session.send(each);
      expect(JSON.stringify((await session.answer(each.id)).result)).toContain("text\\n");
      expect([logsOf(session.lines()).length, session.lines().at(-1)?.id]).toEqual([each.id, each.id]);
    }
    expect(logsOf(session.lines())[0]).toMatchObject({ logger: "hint", data: { text: "a hint" } });
    expect(logsOf(session.lines())[0]?.data.callId).not.toBe("");
  });

  test("is told nothing at a level above info, and of a level that is none that it is none", async () => {
    const session = await wire(YAML);
    expect((await setLevel(session, "loud")).error).toMatchObject({ code: -32602 });
    await setLevel(session, "debug");
    await setLevel(session, "notice");
    session.send(call(1, "warn"));
    await session.answer(1);
    expect(logsOf(session.lines())).toEqual([]);
  });

  test("is told of a flood what fits, and how much was left out", async () => {
    const session = await wire(YAML);
    await setLevel(session, "info");
    session.send(call(1, "flood"));
    await session.answer(1);
    const logs = logsOf(session.lines());
    const left = logs.map(({ data }) => data.leftOut ?? 0);
    expect(logs.length).toBeLessThan(3000);
    expect(left.filter((count) => count === 0).length + left.reduce((sum, count) => sum + count, 0)).toBe(200_000);
    expect(logs[0]?.data.text).toBe("line 1");
    expect(logs.find(({ data }) => data.leftOut !== undefined)?.data.text).toMatch(/^\d+ lines were left out$/);
    expect(session.lines().at(-1)?.id).toBe(1);
  });

  test("is told nothing more of a call that it cancelled", async () => {
    const session = await wire(YAML);
    await setLevel(session, "info");
    session.send(call(1, "endless"));
    await vi.waitFor(() => expect(textsOf(session.lines())).toContain("more"), 10_000);
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    await session.settled();
    const told = logsOf(session.lines()).length;
    session.send(call(2, "warn"));
    await session.answer(2);
    expect(logsOf(session.lines()).length).toBe(told + 4);
  });

  test("is told by waiting for a job what the job says, under the id of its call", async () => {
    const session = await wire(YAML);
    await setLevel(session, "info");
    session.send(call(1, "later"));
    const job = idOf(await session.answer(1));
    session.send(call(2, "mcpfier_job_wait", { job }), call(3, "warn"));
    await session.answer(3);
    writeFileSync(join(session.folder, "go"), "");
    await session.answer(2);
    const late = logsOf(session.lines()).filter(({ logger }) => logger === "later");
    expect(late).toMatchObject([{ data: { text: "late", callId: job } }]);
  });
});

describe("a client of 2026-07-28", () => {
  test("asks with each request", async () => {
    const session = await wire(YAML, null);
    const asking = (level: string): object => ({ ...envelope(), "io.modelcontextprotocol/logLevel": level });
    session.send(call(1, "warn", {}, envelope()));
    await session.answer(1);
    session.send(call(2, "warn", {}, asking("error")));
    await session.answer(2);
    expect(logsOf(session.lines())).toEqual([]);
    session.send(call(3, "warn", {}, asking("debug")));
    const callId = idOf(await session.answer(3));
    expect(logsOf(session.lines()).map(({ data }) => data.callId)).toEqual(Array.from({ length: 4 }, () => callId));
    session.send(call(4, "warn", {}, asking("loud")));
    expect((await session.answer(4)).error).toMatchObject({ code: -32602 });
  });
});

describe("over HTTP", () => {
  const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

  test("every client is told of its own calls, in the answer of each", async () => {
    const { url } = await serveHere(YAML);
    const post = async (body: object | string, headers: object = {}): Promise<Response> =>
      fetch(`${url}/mcp`, {
        method: "POST",
        headers: { ...HEADERS, ...headers },
        body: typeof body === "string" ? body : JSON.stringify({ jsonrpc: "2.0", ...body }),
      });
    const open = async (level: string | null): Promise<(body: object) => Promise<readonly Line[]>> => {
      const session = { "mcp-session-id": (await post(initialize())).headers.get("mcp-session-id") ?? "" };
      const ask = async (body: object): Promise<readonly Line[]> =>
        messagesOf(await (await post(body, session)).text()) as readonly Line[];
      if (level !== null) await ask({ id: 9, method: "logging/setLevel", params: { level } });
      return ask;
    };
    const [one, two, silent] = await Promise.all([open("debug"), open("info"), open(null)]);
    const stateless = async (word: string, meta: object): Promise<readonly Line[]> => {
      const { headers, body } = modern(1, "tools/call", { name: "warn", arguments: { word }, _meta: meta });
      return messagesOf(await (await post(body, headers)).text()) as readonly Line[];
    };
    const asking = { "io.modelcontextprotocol/logLevel": "info" };
    const told = await Promise.all([
      one(call(1, "warn", { word: "canary-one" })),
      two(call(1, "warn", { word: "canary-two" })),
      silent(call(1, "warn", { word: "canary-three" })),
      stateless("canary-four", asking),
      stateless("canary-five", {}),
      one(call(2, "warn", { word: "canary-six" })),
    ]);
    const said = told.map((lines) => textsOf(lines).filter((text) => text.startsWith("first")));
    expect(said).toEqual([
      ["first canary-one"],
      ["first canary-two"],
      [],
      ["first canary-four"],
      [],
      ["first canary-six"],
    ]);
    for (const lines of told) {
      expect(lines.at(-1)?.result).toBeDefined();
      expect(new Set(logsOf(lines).map(({ data }) => data.callId))).toEqual(
        new Set(logsOf(lines).map(() => idOf(lines.at(-1) as Line))),
      );
    }
  });
});

describe("the lines", () => {
  const READ = { hasRoom: () => true, leaveOut: () => undefined };

  function linesOf(chunks: readonly string[]): readonly string[] {
    const taken: string[] = [];
    const lines = createStderrLines({ ...READ, take: (line) => void taken.push(line.toString("latin1")) });
    for (const chunk of chunks) lines.write(Buffer.from(chunk, "latin1"));
    lines.end();
    return taken;
  }

  test("are the same wherever the chunks are cut", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\r", "\n", "\r\n"), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (all, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < all.length).toSorted((a, b) => a - b), all.length];
        const chunks = at.slice(1).map((end, index) => all.slice(at[index], end));
        const last = (line: string): string => line.replace(/\r+$/, "").replace(/^[^]*\r/, "");
        const lines = all.split("\n");
        const rest = last(lines.pop() ?? "");
        expect(linesOf(chunks)).toEqual([...lines.map(last), ...(rest === "" ? [] : [rest])]);
      }),
    );
  });
});

describe("a client that does not read", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("holds the result for a quarter of a second at most, and is sent nothing afterwards", async () => {
    const sent: Said[] = [];
    const log = createStderrLog((said) => {
      sent.push(said);
      return new Promise(() => undefined);
    });
    const watcher = log.follow("any", () => "id");
    void watcher.stderr(Buffer.from("a\nb\n"));
    const end = log.end();
    await vi.advanceTimersByTimeAsync(260);
    await end;
    expect(sent.map(({ data }) => data.text)).toEqual(["a"]);
  });

  test("is sent a hundred messages a second after the first five hundred", async () => {
    const sent: Said[] = [];
    const log = createStderrLog((said) => Promise.resolve(void sent.push(said)));
    const watcher = log.follow("any", () => "id");
    for (let second = 0; second < 20; second++) {
      void watcher.stderr(Buffer.from("line\n".repeat(400)));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(sent.length).toBeGreaterThan(2000);
    expect(sent.length).toBeLessThan(2600);
    await log.end();
    const lines = sent.reduce((sum, { data }) => sum + (data.leftOut ?? 1), 0);
    expect(lines).toBe(8000);
  });
});
