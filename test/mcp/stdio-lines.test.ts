// One line at a time: what is answered, with which error, and that the session goes on. M1 to M6, M12 to M18 and M22.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { poll } from "../rig.ts";
import { type Line, MODERN, envelope, initialize, wire } from "./wire.ts";

const CATALOGUE = `
commands:
  - { name: say, description: d, run: [echo, "\${{ text }}"], params: { text: { type: string }, n: { type: number } } }
  - { name: any, description: d, run: [echo], stdin: "\${{ value }}", params: { value: { type: object } } }
  - { name: touch, description: d, run: [touch, ran] }
  - name: wait
    description: Waits until it is stopped.
    isolation: group
    shell: sh
    run: |
      trap 'echo > stopped; exit 0' TERM
      echo > began; while :; do sleep 0.02; done
`;

const MIB = 1024 ** 2;

const codes = (lines: readonly Line[]): unknown[] => lines.map(({ id, error }) => [id, error?.code ?? "result"]);
const say = (id: unknown, args: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"say","arguments":${args}}}`;
const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** What a line is, and the id and the code of each answer to it. */
const ROWS: readonly (readonly [string, string | Buffer, readonly unknown[]])[] = [
  ["M1: that is no JSON is a parse error", '{"jsonrpc":"2.0","id":1,"method":"ping"', [[null, -32700]]],
  ["M1: of noise is a parse error", "\u0000\u0007 Content-Length: 12", [[null, -32700]]],
  [
    "M3: with a batch is refused where the revision has none",
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    [[null, -32600]],
  ],
  ["M5: with an unknown method says so", '{"jsonrpc":"2.0","id":1,"method":"tools/destroy"}', [[1, -32601]]],
  [
    "M7: with a cancel of nothing is ignored",
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
    [],
  ],
  [
    "M7: with a cancel of no id is ignored",
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
    [],
  ],
  ["M7: with a malformed cancel is ignored", '{"jsonrpc":"2.0","method":"notifications/cancelled","params":7}', []],
  ["M13: 64 deep is taken", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${deep(62)}}}`, [[1, "result"]]],
  ["M13: 65 deep is refused", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${deep(63)}}}`, [[1, -32600]]],
  [
    "M13: 200,000 deep is refused unread",
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${deep(200_000)}}}`,
    [[null, -32600]],
  ],
  ["M13: of 4 million open brackets is refused unread", "[".repeat(4_000_000), [[null, -32600]]],
  ["M14: with an integer that a double rounds is refused", say(1, '{"n":12345678901234567890}'), [[1, -32600]]],
  ["M14: with a number beyond all doubles is refused", say(1, '{"n":1e400}'), [[1, -32600]]],
  [
    "M14: with digits in a text, and doubles of any size, is taken",
    say(1, '{"text":"12345678901234567890 \\" 1e400","n":-1.7976931348623157e308}'),
    [[1, "result"]],
  ],
  ["M14: with large integers that a double keeps is taken", say(1, '{"n":1700000000000000000}'), [[1, "result"]]],
  ["M14: with a fraction of many digits is taken", say(1, '{"n":0.12345678901234567890}'), [[1, "result"]]],
  ...["null", "1.5", "9007199254740993", "{}", "[1]", "true"].map(
    (id) =>
      [`M15: with the id ${id} is refused`, `{"jsonrpc":"2.0","id":${id},"method":"ping"}`, [[null, -32600]]] as const,
  ),
  [
    "M15: with an empty id, and with 0, is answered",
    '{"jsonrpc":"2.0","id":"","method":"ping"}\n{"jsonrpc":"2.0","id":0,"method":"ping"}',
    [
      ["", "result"],
      [0, "result"],
    ],
  ],
  ["M16: after a byte order mark is taken", '\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}', [[1, "result"]]],
  [
    "M17: that is blank, and a carriage return, is passed over",
    ' \t\r\n\n\r\n{"jsonrpc":"2.0","id":1,"method":"ping"}\r',
    [[1, "result"]],
  ],
  [
    "M18: of invalid UTF-8 is refused",
    Buffer.concat([Buffer.from(say(1, '{"text":"').slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from('"}}}')]),
    [[null, -32700]],
  ],
  [
    "that is no object is refused",
    'null\n7\n"ping"',
    [
      [null, -32600],
      [null, -32600],
      [null, -32600],
    ],
  ],
  [
    "without the version of JSON-RPC is refused",
    '{"id":1,"method":"ping"}\n{"jsonrpc":"1.0","id":"x","method":"ping"}',
    [
      [1, -32600],
      ["x", -32600],
    ],
  ],
  [
    "without a method is refused",
    '{"jsonrpc":"2.0","id":1}\n{"jsonrpc":"2.0","id":2,"method":5}',
    [
      [1, -32600],
      [2, -32600],
    ],
  ],
  [
    "with params that are no object is refused",
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}',
    [[1, -32602]],
  ],
  [
    "with a progress token of no use is refused",
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":{}}}}',
    [[1, -32602]],
  ],
  [
    "with a response to nothing is ignored",
    '{"jsonrpc":"2.0","id":4,"result":{}}\n{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}\n{"jsonrpc":"2.0","id":1,"error":3}',
    [],
  ],
  [
    "with a notification of no sense is ignored",
    '{"jsonrpc":"2.0","method":"notifications/nonsense","params":{"n":12345678901234567890}}',
    [],
  ],
  [
    "with params that a method does not take is refused",
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":5}}\n{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{}}',
    [
      [1, -32602],
      [2, -32602],
    ],
  ],
  [
    "with more than a request needs is answered",
    '{"jsonrpc":"2.0","id":1,"method":"ping","extra":true}',
    [[1, "result"]],
  ],
];

test("each line is answered, refused or ignored by rule, and the session goes on", async () => {
  const session = await wire(CATALOGUE);
  const seen: [string, readonly unknown[]][] = [];
  let before = 0;
  for (const [title, line, expected] of ROWS) {
    await session.write(line);
    await session.write("\n");
    const lines = await session.settled(before + expected.length);
    seen.push([title, codes(lines.slice(before))]);
    before = lines.length;
  }
  expect(seen).toEqual(ROWS.map(([title, , expected]) => [title, expected]));
  expect(await session.end()).toBe(0);
});

describe("M2: a frame", () => {
  const padded = (bytes: number): string => {
    const [head, tail] = ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"', '"}}'];
    return head + "x".repeat(bytes - head.length - tail.length) + tail;
  };

  test("of 1 and of 4 MiB is taken", async () => {
    const session = await wire(CATALOGUE);
    for (const size of [1, 4]) await session.write(`${padded(size * MIB)}\n`);
    expect(codes(await session.settled())).toEqual([
      [1, "result"],
      [1, "result"],
    ]);
  });

  test("of more than 4 MiB is refused once, however long, and the next line is read", async () => {
    const session = await wire(CATALOGUE);
    await session.write(`${padded(4 * MIB + 1)}\n`);
    expect(codes(await session.settled())).toEqual([[null, -32600]]);
    for (let sent = 0; sent < 50; sent++) await session.write("x".repeat(MIB));
    // Refused while it still comes.
    await poll(
      () => session.lines().filter((line) => line.error).length === 2,
      () => "no answer before the line's end",
    );
    await session.write(`{"jsonrpc":"2.0"}\n${say(2, '{"text":"after"}')}\n`);
    expect((await session.answer(2)).result).toMatchObject({ content: [{ text: "after\n" }] });
    expect(codes(await session.settled())).toEqual([
      [null, -32600],
      [null, -32600],
      [2, "result"],
    ]);
    expect(session.lines().find((line) => line.error)?.error?.message).toMatch(/more than 4 MiB/);
  });
});

describe("M3: a batch under 2025-03-26", () => {
  test("is answered as one, when all of it has ended", async () => {
    const session = await wire(CATALOGUE, "2025-03-26");
    const part = (id: unknown, method: string, params: object = {}): object => ({ jsonrpc: "2.0", id, method, params });
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 4 } };
    const batch = [
      part(1, "tools/call", { name: "say", arguments: { text: "one" } }),
      part(2, "ping"),
      part(2, "ping"),
      part(3, "initialize"),
      part(4, "tools/call", { name: "wait" }),
      7,
      cancel,
    ];
    await session.write(`${JSON.stringify(batch)}\n`);
    await session.answer(1);
    expect(session.batches()).toHaveLength(1);
    expect(codes(session.batches()[0] ?? [])).toEqual([
      [null, -32600],
      [3, -32600],
      [null, -32600],
      [2, "result"],
      [1, "result"],
    ]);
  });

  test("of nothing, of 1,001 messages, or of notifications only is no batch that is answered as one", async () => {
    const session = await wire(CATALOGUE, "2025-03-26");
    const notification = { jsonrpc: "2.0", method: "notifications/nonsense" };
    for (const batch of [[], Array.from({ length: 1001 }, () => notification), [notification]])
      await session.write(`${JSON.stringify(batch)}\n`);
    expect(codes(await session.settled())).toEqual([
      [null, -32600],
      [null, -32600],
    ]);
    expect(session.batches()).toEqual([]);
  });
});

describe("M4: an id that is in flight", () => {
  test("is refused for the second, and the first stays cancellable", async () => {
    const session = await wire(CATALOGUE);
    const call = { id: 1, method: "tools/call", params: { name: "wait" } };
    session.send(call);
    await poll(
      () => existsSync(join(session.folder, "began")),
      () => session.stderr(),
    );
    session.send(call, { id: "1", method: "ping" });
    const lines = await session.settled();
    expect(codes(lines)).toEqual([
      [null, -32600],
      ["1", "result"],
    ]);
    expect(lines[0]?.error?.message).toMatch(/^a request with the id 1 is under way/);
    // M8: the text is another id.
    session.send({ method: "notifications/cancelled", params: { requestId: "1" } });
    await session.settled();
    expect(existsSync(join(session.folder, "stopped"))).toBe(false);
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    await poll(
      () => existsSync(join(session.folder, "stopped")),
      () => "the first call was not stopped",
    );
    // It is free again, and the first is never answered.
    session.send({ id: 1, method: "ping" });
    expect((await session.answer(1)).result).toEqual({});
    expect(await session.settled()).toHaveLength(3);
  });
});

describe("M6: before initialize", () => {
  const touch = { id: "touch", method: "tools/call", params: { name: "touch" } };

  test("a ping is answered, everything else is refused, and nothing runs", async () => {
    const session = await wire(CATALOGUE, null);
    session.send({ method: "notifications/initialized" }, touch, { id: 1, method: "tools/list" });
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    expect(codes(await session.settled())).toEqual([
      ["touch", -32600],
      [1, -32600],
    ]);
    expect(existsSync(join(session.folder, "ran"))).toBe(false);
    session.send(initialize("2025-06-18"), touch);
    expect((await session.answer("initialize")).result).toMatchObject({ protocolVersion: "2025-06-18" });
    // What was settled stays so.
    session.send({ ...initialize("2024-11-05"), id: "again" });
    expect((await session.answer("again")).error).toMatchObject({
      code: -32600,
      message: expect.stringContaining("begun already"),
    });
    await poll(
      () => existsSync(join(session.folder, "ran")),
      () => "it did not run after initialize",
    );
  });

  test("an initialize that fails begins nothing, not even for what comes right behind it", async () => {
    const session = await wire(CATALOGUE, null);
    session.send({ id: "initialize", method: "initialize", params: {} }, touch);
    expect((await session.answer("initialize")).error).toMatchObject({
      code: -32602,
      message: expect.stringMatching(/^params\.protocolVersion: Invalid input: expected string, received undefined; /),
    });
    expect((await session.answer("touch")).error?.code).toBe(-32600);
    expect(existsSync(join(session.folder, "ran"))).toBe(false);
  });

  test("a request of 2026-07-28 carries what is needed in itself, each of them", async () => {
    const session = await wire(CATALOGUE, null);
    const params = { name: "say", arguments: { text: "x" }, _meta: envelope() };
    session.send({ id: 1, method: "server/discover", params: { _meta: envelope() } });
    expect((await session.answer(1)).result).toMatchObject({ supportedVersions: [MODERN] });
    session.send({ id: 2, method: "tools/call", params });
    expect((await session.answer(2)).result).toMatchObject({ content: [{ text: "x\n" }], resultType: "complete" });
    session.send(touch, { id: 3, method: "initialize", params: { protocolVersion: "2025-11-25" } });
    expect((await session.answer("touch")).error?.code).toBe(-32600);
    expect((await session.answer(3)).error?.code).toBe(-32022);
    expect(existsSync(join(session.folder, "ran"))).toBe(false);
  });

  test("a cancel of 2026-07-28 reaches its call, with and without _meta", async () => {
    for (const _meta of [undefined, envelope()]) {
      const session = await wire(CATALOGUE, null);
      session.send({ id: 1, method: "tools/call", params: { name: "wait", _meta: envelope() } });
      await poll(
        () => existsSync(join(session.folder, "began")),
        () => session.stderr(),
      );
      session.send({ method: "notifications/cancelled", params: { requestId: 1, _meta } });
      await poll(
        () => existsSync(join(session.folder, "stopped")),
        () => "the call was not stopped",
      );
      session.send({ id: 2, method: "tools/call", params: { name: "say", _meta: envelope() } });
      await session.answer(2);
      expect(session.lines().map((line) => line.id)).toEqual([2]);
    }
  });
});

test("a subscription of 2026-07-28 keeps its id, hears of a change, and is answered when the server ends", async () => {
  const session = await wire(CATALOGUE, null);
  const listen = {
    id: "sub",
    method: "subscriptions/listen",
    params: { notifications: { toolsListChanged: true }, _meta: envelope() },
  };
  session.send({ id: 1, method: "tools/list", params: { _meta: envelope() } }, listen, listen);
  const methods = (): unknown[] => session.lines().map((line) => line.method ?? line.id);
  await poll(
    () => methods().length === 3,
    () => `only ${methods().join()} came`,
  );
  expect(new Set(methods())).toEqual(new Set([1, "notifications/subscriptions/acknowledged", null]));
  writeFileSync(join(session.folder, "mcpfier.yaml"), CATALOGUE.replace("name: touch", "name: other"));
  await poll(
    () => methods().includes("notifications/tools/list_changed"),
    () => session.stderr(),
  );
  session.child.kill();
  expect((await session.answer("sub")).result).toMatchObject({ resultType: "complete" });
});

test("M12: arguments named like what objects inherit are arguments, and change nothing", async () => {
  const session = await wire(CATALOGUE);
  const hostile = ["constructor", "prototype", "toString", "hasOwnProperty"];
  for (const [id, name] of hostile.entries()) {
    await session.write(`${say(id, `{"text":"x","${name}":{"polluted":"yes"}}`)}\n`);
    expect((await session.answer(id)).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(`${name}: is not an argument`) }],
    });
  }
  // The library leaves this one out.
  await session.write(`${say("proto", '{"__proto__":{"polluted":"yes"},"text":"x"}')}\n`);
  expect((await session.answer("proto")).result).toMatchObject({ content: [{ text: "x\n" }] });
  await session.write('{"jsonrpc":"2.0","id":"any","method":"tools/call","__proto__":{"id":7},"params":');
  await session.write(
    '{"__proto__":{"x":1},"name":"say","arguments":{"text":"fine"},"_meta":{"__proto__":{"y":1}}}}\n',
  );
  expect((await session.answer("any")).result).toMatchObject({ content: [{ text: "fine\n" }] });
});

describe("M22: an unsupported version", () => {
  test("of initialize is answered with the newest that has it", async () => {
    for (const version of ["2019-01-01", MODERN, "x"]) {
      const session = await wire(CATALOGUE, null);
      session.send({ ...initialize(version), id: version });
      expect((await session.answer(version)).result).toMatchObject({ protocolVersion: "2025-11-25" });
    }
  });

  test("of a request is refused with the list of those that are supported, and the next may do better", async () => {
    const session = await wire(CATALOGUE, null);
    session.send({ id: 1, method: "tools/list", params: { _meta: envelope("2031-01-01") } });
    expect((await session.answer(1)).error).toMatchObject({
      code: -32022,
      data: { requested: "2031-01-01", supported: [MODERN] },
    });
    session.send({
      id: 2,
      method: "tools/list",
      params: { _meta: { ...envelope(), "io.modelcontextprotocol/clientInfo": 7 } },
    });
    expect((await session.answer(2)).error?.code).toBe(-32602);
    session.send({ id: 3, method: "tools/list", params: { _meta: envelope() } });
    expect((await session.answer(3)).result).toHaveProperty("tools");
  });

  test.each([null, "2024-10-07", "2025-11-25"])(
    "of a request is refused also where a session of %s goes on",
    async (revision) => {
      const session = await wire(CATALOGUE, revision);
      session.send({ id: 0, method: "tools/list", params: { _meta: envelope() } });
      await session.answer(0);
      const methods = ["tools/call", "tools/list", "server/discover", "subscriptions/listen", "ping"];
      const versions = ["2099-01-01", "2025-11-25", "", `${MODERN}x`];
      const cases = versions.flatMap((version) =>
        methods.map((method) => ({ id: `${method} ${version}`, version, method })),
      );
      for (const { id, version, method } of cases)
        session.send({
          id,
          method,
          params: { _meta: envelope(version), name: "touch", arguments: {}, notifications: {} },
        });
      for (const { id, version } of cases)
        expect([id, (await session.answer(id)).error]).toMatchObject([
          id,
          { code: -32022, data: { requested: version, supported: [MODERN] } },
        ]);
      expect(existsSync(join(session.folder, "ran"))).toBe(false);
      session.send({ id: "fine", method: "tools/list", params: { _meta: envelope() } });
      expect((await session.answer("fine")).result).toHaveProperty("tools");
    },
  );
});
