import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, test } from "vitest";
import { BIN, atEnd, folder } from "../rig.ts";
import { type Message, type Raw, raw } from "./raw.ts";

const MIB = 1024 ** 2;
const LAST = 24_600_000;
const CATALOGUE = `
commands:
  - { name: count, description: d, run: [seq, "1", "${LAST}"], timeout: 2m }
  - { name: lines, description: d, run: [seq, "1", "20000"] }
  - { name: short, description: d, run: [echo, hi] }
  - { name: loud, description: d, shell: sh, run: "seq 1 20000 >&2; echo out" }
  - { name: failing, description: d, shell: sh, run: "seq 1 20000 >&2; seq 1 20000; exit 3" }
  - { name: bytes, description: d, run: [head, -c, "100000", /dev/zero] }
  - { name: binary, description: d, shell: sh, run: 'printf "\\\\377\\\\376\\\\033[1mx"' }
  - { name: words, description: d, shell: sh, run: 'printf "one + two\\\\n\\\\033[31mthree\\\\033[0m\\\\nfour 100%%\\\\n"' }
`;

interface Told {
  readonly offset: number;
  readonly length: number;
  readonly nextOffset?: number;
  readonly totalBytes: number;
  readonly gap?: { readonly from: number; readonly to: number };
  readonly matches?: number;
}

interface Content {
  readonly uri: string;
  readonly mimeType: string;
  readonly text?: string;
  readonly blob?: string;
}

let lastId = 100;

/** Calls a tool and gives its result and the id of the call. */
async function call(session: Raw, tool: string, args: object = {}): Promise<{ id: string; result: Message["result"] }> {
  const id = lastId++;
  session.call(id, tool, args);
  const { result } = await session.answer(id);
  return { id: String(result?._meta?.["mcpfier/call"]?.["id"]), result };
}

async function ask(session: Raw, method: string, params: object = {}): Promise<Message> {
  const id = lastId++;
  session.send({ id, method, params });
  return session.answer(id);
}

async function read(session: Raw, uri: string): Promise<Content & { told: Told }> {
  const { result, error } = await ask(session, "resources/read", { uri });
  if (!result) throw new Error(error?.message);
  const [content] = result["contents"] as readonly Content[];
  if (!content) throw new Error("no content");
  return { ...content, told: result._meta?.["mcpfier/record"] as unknown as Told };
}

function textOf(result: Message["result"]): string {
  return result?.content?.[0]?.text ?? "";
}

/** SHA-256 of parts of what `seq` prints. */
async function digests(parts: readonly (readonly [from: number, to: number])[]): Promise<readonly string[]> {
  const seq = spawn("seq", ["1", String(LAST)], { stdio: ["ignore", "pipe", "ignore"] });
  const hashes = parts.map(() => createHash("sha256"));
  let at = 0;
  seq.stdout.on("data", (chunk: Buffer) => {
    for (const [index, [from, to]] of parts.entries())
      hashes[index]?.update(chunk.subarray(Math.max(0, from - at), Math.max(0, to - at)));
    at += chunk.length;
  });
  await once(seq, "close");
  return hashes.map((hash) => hash.digest("hex"));
}

describe("200 MiB of numbered lines", () => {
  test("are read back in parts, the same as they were printed, but for the middle that was not kept", async () => {
    const session = await raw(CATALOGUE);
    const { id, result } = await call(session, "count");
    const total = Number(result?._meta?.["mcpfier/call"]?.["stdoutBytes"]);
    expect(total).toBeGreaterThan(200 * MIB);
    expect(textOf(result)).toContain(`mcpfier://calls/${id}/stdout`);
    const gap = { from: 32 * MIB, to: total - 32 * MIB };
    const hashes = { head: createHash("sha256"), tail: createHash("sha256") };
    let reads = 0;
    for (let offset: number | undefined = 0; offset !== undefined; reads++) {
      const raw_ = reads % 2 === 0 ? "&raw=true" : "";
      const part = await read(session, `mcpfier://calls/${id}/stdout?offset=${offset}&length=${MIB}${raw_}`);
      const bytes = part.blob === undefined ? Buffer.from(part.text ?? "") : Buffer.from(part.blob, "base64");
      expect(part.told).toMatchObject({ offset, length: bytes.length, totalBytes: total });
      (offset < gap.from ? hashes.head : hashes.tail).update(bytes);
      if (part.told.nextOffset === gap.to) expect(part.told.gap).toEqual(gap);
      offset = part.told.nextOffset;
    }
    expect(reads).toBe(64);
    expect([hashes.head.digest("hex"), hashes.tail.digest("hex")]).toEqual(
      await digests([
        [0, gap.from],
        [gap.to, total],
      ]),
    );
    const inside = await read(session, `mcpfier://calls/${id}/stdout?offset=${100 * MIB}&length=9`);
    expect(inside.told).toEqual({ offset: gap.to, length: 9, nextOffset: gap.to + 9, totalBytes: total, gap });
    const shown = textOf(
      (await call(session, "mcpfier_read_output", { call: id, offset: 100 * MIB, length: 9 })).result,
    );
    expect(shown).toContain(
      `[bytes ${gap.from.toLocaleString("en-US")} to ${gap.to.toLocaleString("en-US")} were not kept]\n`,
    );

    const found = await read(session, `mcpfier://calls/${id}/stdout?grep=%5E(1234567%7C24599999)%24`);
    // 1..9 take 2 bytes each, 10..99 three, and so on.
    const before = 9 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 90_000 * 6 + 900_000 * 7 + 234_567 * 8;
    expect(found.text).toBe(`1234567:${before}:1234567\n:${total - 18}:24599999\n`);
    expect(found.told.matches).toBe(2);
  });

  test("do not hold the server: it answers meanwhile, and searching them does not either", async () => {
    const session = await raw(CATALOGUE);
    const order: string[] = [];
    const flood = call(session, "count").then(({ id }) => {
      order.push("flood");
      return id;
    });
    await ask(session, "ping");
    order.push("ping");
    const id = await flood;
    const searching = read(session, `mcpfier://calls/${id}/stdout?grep=(7%7C8)%2B%5B0-9%5Dnothing`).then(() =>
      order.push("grep"),
    );
    await ask(session, "ping");
    order.push("ping");
    await searching;
    expect(order).toEqual(["ping", "flood", "ping", "grep"]);
  });
});

test("a server holds no more memory for 2 GiB of output than for some", { timeout: 180_000 }, async () => {
  const session = await raw(
    `commands:
  - { name: flood, description: d, run: [sh, -c, "head -c 1G /dev/zero; yes a line of output | head -c 1G"], timeout: 2m }
  - { name: some, description: d, run: [head, -c, "1M", /dev/zero] }`,
  );
  await call(session, "some");
  const resident = (): number => {
    const status = readFileSync(`/proc/${session.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  };
  const before = resident();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, resident())), 10);
  const { result } = await call(session, "flood").finally(() => clearInterval(watch));
  expect(result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "completed", stdoutBytes: 2 * 1024 ** 3 });
  expect(peak - before).toBeLessThan(64 * MIB);
});

describe("what a result leaves out", () => {
  test("is named in its text and by a link; what is shown whole is not, nor is hidden stderr", async () => {
    const session = await raw(CATALOGUE);
    const lines = await call(session, "lines");
    expect(textOf(lines.result)).toContain(
      `read them by mcpfier_read_output with call "${lines.id}", or the resource mcpfier://calls/${lines.id}/stdout ...]`,
    );
    expect(lines.result?.content?.slice(1)).toEqual([
      {
        type: "resource_link",
        uri: `mcpfier://calls/${lines.id}/stdout`,
        name: "stdout of lines",
        mimeType: "text/plain",
        size: 108_894,
      },
    ]);
    expect((await call(session, "short")).result?.content).toHaveLength(1);
    const loud = await call(session, "loud");
    expect(loud.result?.content).toEqual([{ type: "text", text: "out\n" }]);
    const failing = await call(session, "failing");
    expect(textOf(failing.result)).toContain(
      `with call "${failing.id}" and stream "stderr", or the resource mcpfier://calls/${failing.id}/stderr ...]`,
    );
    expect(failing.result?.content?.slice(1)).toMatchObject(
      ["stdout", "stderr"].map((stream) => ({ type: "resource_link", uri: `mcpfier://calls/${failing.id}/${stream}` })),
    );
  });

  test("is told to be lost where nothing could be kept, without a link to it", async () => {
    const session = await raw(CATALOGUE, {}, { env: { XDG_STATE_HOME: join(folder({ state: "" }), "state") } });
    const { result } = await call(session, "lines");
    expect(result?.content).toHaveLength(1);
    expect(textOf(result)).toContain(
      "bytes left out: they could not be kept, because a file stands where a folder is expected (ENOTDIR) ...]",
    );
    expect((await ask(session, "resources/list")).result?.["resources"]).toEqual([]);
  });

  test("is linked for clients of 2025-06-18 and later only", async () => {
    const older = await raw(CATALOGUE, {}, { protocolVersion: "2025-03-26" });
    expect((await call(older, "lines")).result?.content).toHaveLength(1);
    const newer = await raw(CATALOGUE, {}, { protocolVersion: "2025-06-18" });
    expect((await call(newer, "lines")).result?.content).toHaveLength(2);
  });

  test.each(["auto", "legacy"] as const)("is linked and read by the official client (%s)", async (mode) => {
    const file = join(folder(), "mcpfier.yaml");
    writeFileSync(file, CATALOGUE);
    const client = new ClientTwo({ name: "tests", version: "1" }, { versionNegotiation: { mode } });
    atEnd(() => client.close());
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [BIN, "serve", "-c", file],
        stderr: "ignore",
        env: { ...process.env } as Record<string, string>,
      }),
    );
    const { content } = await client.callTool({ name: "lines", arguments: {} });
    const link = content.find((block) => block.type === "resource_link");
    const { contents } = await client.readResource({ uri: `${link?.uri}?offset=2&length=6` });
    expect(contents).toEqual([{ uri: `${link?.uri}?offset=2&length=6`, mimeType: "text/plain", text: "2\n3\n4\n" }]);
    expect((await client.listResources()).resources).toHaveLength(1);
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
    await expect(client.readResource({ uri: "mcpfier://calls/none/stdout" })).rejects.toMatchObject({ code: -32602 });
  });
});

describe("resources", () => {
  test("are the latest calls that printed something, and a template", async () => {
    const session = await raw(CATALOGUE);
    expect((await ask(session, "resources/list")).result?.["resources"]).toEqual([]);
    const short = await call(session, "short");
    const loud = await call(session, "loud");
    expect((await ask(session, "resources/list")).result?.["resources"]).toEqual(
      [
        [loud.id, "stdout", "loud", 4],
        [loud.id, "stderr", "loud", 108_894],
        [short.id, "stdout", "short", 3],
      ].map(([id, stream, tool, size]) => ({
        uri: `mcpfier://calls/${id}/${stream}`,
        name: `${stream} of ${tool}`,
        mimeType: "text/plain",
        size,
      })),
    );
    expect((await ask(session, "resources/templates/list")).result?.["resourceTemplates"]).toMatchObject([
      { uriTemplate: "mcpfier://calls/{id}/{stream}{?offset,length,grep,raw}" },
    ]);
  });

  test("are clean text, the exact bytes when they are asked for, and bytes where they are no text", async () => {
    const session = await raw(CATALOGUE);
    const words = `mcpfier://calls/${(await call(session, "words")).id}/stdout`;
    expect(await read(session, words)).toMatchObject({ mimeType: "text/plain", text: "one + two\nthree\nfour 100%\n" });
    const exact = Buffer.from("one + two\n\u001b[31mthree\u001b[0m\nfour 100%\n");
    expect((await read(session, `${words}?raw=true`)).blob).toBe(exact.toString("base64"));
    const binary = await read(session, `mcpfier://calls/${(await call(session, "binary")).id}/stdout`);
    expect(binary).toMatchObject({ mimeType: "application/octet-stream" });
    expect(Buffer.from(binary.blob ?? "", "base64").toString("latin1")).toBe("\u00ff\u00fe\u001b[1mx");
    expect((await read(session, `${words}?grep=%5C%2B%20t`)).text).toBe("1:0:one + two\n");
    // A plus is a plus.
    expect((await read(session, `${words}?grep=one.+two`)).text).toBe("1:0:one + two\n");
    expect((await read(session, `${words}?grep=%5Ethree%24&offset=5`)).text).toBe("2:10:three\n");
  });

  test.each([
    ["mcpfier://calls/00000000-0000-4000-8000-000000000000/stdout", -32602, /no record of a call "0{8}/],
    ["mcpfier://calls/..%2F..%2Fetc/stdout", -32602, /no record of a call/],
    ["mcpfier://calls/x/stdin", -32602, /expected mcpfier:\/\/calls/],
    ["file:///etc/passwd", -32602, /no resource has the address file:\/\/\/etc\/passwd/],
    ["mcpfier://calls/ID/stdout?offset=-1", -32602, /offset: expected a whole number from 0 .*came "-1"/],
    ["mcpfier://calls/ID/stdout?length=2000000", -32602, /length: expected a whole number from 1 to 1048576/],
    ["mcpfier://calls/ID/stdout?raw=yes", -32602, /raw: expected true or false, came "yes"/],
    ["mcpfier://calls/ID/stdout?lines=3", -32602, /"lines" is not a parameter/],
    ["mcpfier://calls/ID/stdout?offset=1&offset=2", -32602, /offset: expected it once, came twice/],
    ["mcpfier://calls/ID/stdout?grep=a&raw=true&grep=a", -32602, /grep: expected it once, came twice/],
    ["mcpfier://calls/ID/stdout?offset=", -32602, /offset: expected a whole number from 0 .*came ""/],
    ["mcpfier://calls/ID/stdout?grep=", -32602, /grep: expected a regular expression \(RE2\), came nothing/],
    ["mcpfier://calls/ID/stdout?grep=(a%7Caa){900}", -32602, /grep: expected .* of at most 1000 steps/],
    ["mcpfier://calls/ID/stdout?grep=%", -32602, /grep: expected text in percent encoding/],
    ["mcpfier://calls/ID/stdout?grep=(", -32602, /grep: expected a regular expression that RE2 takes, came "\("/],
  ])("of %s are refused in a sentence", async (uri, code, message) => {
    const session = await raw(CATALOGUE);
    const { id } = await call(session, "short");
    const { error } = await ask(session, "resources/read", { uri: uri.replace("ID", id) });
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("of calls that never ran or printed nothing are not there", async () => {
    const session = await raw("commands: [{name: quiet, description: d, run: ['true']}]");
    const refused = await call(session, "quiet", { no: 1 });
    const quiet = await call(session, "quiet");
    for (const { id } of [refused, quiet])
      await expect(read(session, `mcpfier://calls/${id}/stdout`)).rejects.toThrow(
        /expected the id of a call that printed/,
      );
  });
});

describe("mcpfier_read_output", () => {
  test("is listed only where a command may print more than it shows", async () => {
    const session = await raw(
      "commands: [{name: all, description: d, run: [echo, x], limits: {output: 64KiB}, output: {max: 64KiB}}]",
    );
    const tools = (await ask(session, "tools/list")).result?.["tools"] as readonly { name: string }[];
    expect(tools.map((tool) => tool.name)).toEqual(["all"]);
  });

  test("gives parts, says where to go on, and finds lines", async () => {
    const session = await raw(CATALOGUE);
    const { id } = await call(session, "lines");
    const first = await call(session, "mcpfier_read_output", { call: id, length: 8 });
    expect(textOf(first.result)).toBe(
      `[stdout of call ${id}: bytes 0 to 8 of 108,894]\n1\n2\n3\n4\n[go on with offset 8]`,
    );
    const last = await call(session, "mcpfier_read_output", { call: id, offset: 108_888 });
    expect(textOf(last.result)).toBe(`[stdout of call ${id}: bytes 108,888 to 108,894 of 108,894]\n20000`);
    const beyond = await call(session, "mcpfier_read_output", { call: id, offset: 200_000 });
    expect(textOf(beyond.result)).toContain("there is nothing to read at byte");
    const found = await call(session, "mcpfier_read_output", { call: id, grep: "^1999\\d$", length: 18 });
    expect(textOf(found.result)).toBe(
      `[stdout of call ${id}: 3 lines match ^1999\\d$; each as line:byte:text]\n19990:108828:19990\n19991:108834:19991\n19992:108840:19992\n[there are more: go on with offset 108846]`,
    );
    const none = await call(session, "mcpfier_read_output", { call: id, stream: "stderr" });
    expect(textOf(none.result)).toContain("[stderr of call");
  });

  test("refuses wrong arguments and unknown calls, with every problem in a line", async () => {
    const session = await raw(CATALOGUE);
    const wrong = await call(session, "mcpfier_read_output", { offset: -1, stream: "stdin", lenght: 3 });
    expect(wrong.result?.isError).toBe(true);
    expect(textOf(wrong.result).split("\n").toSorted()).toEqual([
      expect.stringMatching(/^call: is required/),
      expect.stringMatching(/^lenght: is not an argument; did you mean "length"\?$/),
      expect.stringMatching(/^offset: /),
      "refused (arguments.invalid):",
      expect.stringMatching(/^stream: /),
    ]);
    const unknown = await call(session, "mcpfier_read_output", { call: "0" });
    expect(unknown.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^refused \(record\.missing\):\nthere is no record of a call "0"/) }],
    });
    const { id } = await call(session, "short");
    const pattern = await call(session, "mcpfier_read_output", { call: id, grep: "(?=x)" });
    expect(textOf(pattern.result)).toMatch(/^refused \(arguments\.invalid\):\ngrep: expected a regular expression/);
  });
});
