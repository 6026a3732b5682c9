// 100,000 lines that no client would send: each that asks something is answered once, nothing else is, and the server lives.
import { expect, test } from "vitest";
import { poll } from "../rig.ts";
import { MODERN, envelope, wire } from "./wire.ts";

const CATALOGUE = `
commands:
  - { name: say, description: d, run: [echo, "\${{ text }}"], params: { text: { type: string, required: true } } }
`;

/** A generator of numbers below 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Pick = <T>(from: readonly T[]) => T;

const NUMBERS = [
  "0",
  "-1",
  "1.5",
  "1e3",
  "1e999",
  "12345678901234567890",
  "9007199254740993",
  "9007199254740992",
  "-0",
];
const METHODS = [
  "ping",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/read",
  "server/discover",
  "nonsense",
  "",
];
const WORDS = [
  "jsonrpc",
  "method",
  "params",
  "id",
  "result",
  "error",
  "_meta",
  "__proto__",
  "progressToken",
  "é€😀",
  "\\u0000\\ud800",
];

/** The text of some value; few of them are what the protocol knows. */
function value(pick: Pick, depth: number): string {
  const kinds = depth > 3 ? ["number", "text", "word"] : ["number", "text", "word", "list", "object", "deep"];
  const kind = pick(kinds);
  if (kind === "number") return pick(NUMBERS);
  if (kind === "text") return `"${pick(WORDS)}"`;
  if (kind === "word") return pick(["null", "true", "false"]);
  if (kind === "list") return `[${value(pick, depth + 1)},${value(pick, depth + 1)}]`;
  if (kind === "object")
    return `{"${pick(WORDS)}":${value(pick, depth + 1)},"${pick(WORDS)}":${value(pick, depth + 1)}}`;
  const levels = pick([10, 60, 70, 2000]);
  return "[".repeat(levels) + "]".repeat(levels);
}

/** Something like a message. The requests that are taken have ids of their own. */
function message(pick: Pick, index: number): string {
  const id = pick([`${index}`, `"${index}"`, `${index}`, `"${index}"`, "null", "1.5", "{}", value(pick, 2)]);
  const params = pick([
    "{}",
    '{"name":"say","arguments":{}}',
    `{"name":"say","arguments":{"text":${value(pick, 1)}},"_meta":{"mcpfier/dryRun":true}}`,
    '{"name":"none"}',
    `{"uri":${value(pick, 2)}}`,
    `{"_meta":${value(pick, 1)}}`,
    `{"_meta":${JSON.stringify({ ...envelope(pick([MODERN, "1999-01-01"])), progressToken: index })}}`,
    value(pick, 0),
  ]);
  return pick([
    `{"jsonrpc":"2.0","id":${id},"method":"${pick(METHODS)}","params":${params}}`,
    `{"jsonrpc":"2.0","id":${id},"method":"${pick(METHODS)}","params":${params}}`,
    `{"jsonrpc":"2.0","method":"notifications/${pick(["cancelled", "initialized", "progress", "x"])}","params":{"requestId":"none","progressToken":${value(pick, 2)}}}`,
    `{"jsonrpc":"2.0","id":${id},"result":${value(pick, 1)}}`,
    `{"jsonrpc":${pick(['"2.0"', '"1.0"', "2"])},"id":${id},"method":${value(pick, 2)}}`,
    value(pick, 0),
    `[${`{"jsonrpc":"2.0","id":${id},"method":"ping"},`.repeat(3)}${value(pick, 1)}]`,
  ]);
}

/** One line without its end: a message, some of them with bytes gone wrong, or noise. */
function line(next: () => number, pick: Pick, index: number): Buffer {
  const kind = next();
  if (kind < 0.05) return Buffer.from(pick(["", " ", "\r", "\t \r"]));
  if (kind < 0.35) {
    const noise = Buffer.alloc(Math.floor(next() * 60));
    for (let at = 0; at < noise.length; at++) noise[at] = noisyByte(next);
    return noise;
  }
  const bytes = Buffer.from(message(pick, index));
  for (let left = kind < 0.7 ? Math.ceil(next() * 4) : 0; left > 0 && bytes.length > 0; left--)
    bytes[Math.floor(next() * bytes.length)] = noisyByte(next);
  return next() < 0.05 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes;
}

function noisyByte(next: () => number): number {
  const byte = Math.floor(next() * 256);
  return byte === 10 ? 32 : byte;
}

/** Whether a line must be answered, by the plainest reading of JSON-RPC 2.0. */
function asks(bytes: Buffer): boolean {
  let parsed: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (/^[ \t\r]*$/.test(text)) return false;
    parsed = JSON.parse(text);
  } catch {
    return true;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return true;
  const { jsonrpc, id, method } = parsed as Record<string, unknown>;
  if (jsonrpc !== "2.0") return true;
  if (method === undefined && ("result" in parsed || "error" in parsed)) return isAbyss(bytes);
  return typeof method !== "string" || id !== undefined || isAbyss(bytes);
}

/** What is not even parsed is answered, whatever it is. */
function isAbyss(bytes: Buffer): boolean {
  return bytes.includes("[".repeat(1001));
}

test.each([
  ["in a session", 100_000, "2025-11-25"],
  ["before there is a session", 10_000, null],
] as const)("%s, %i lines of noise are answered or ignored by rule, in JSON-RPC", async (_name, count, revision) => {
  const session = await wire(CATALOGUE, revision);
  const next = random(20_261_121);
  const pick: Pick = (from) => from[Math.floor(next() * from.length)] as (typeof from)[number];
  let asked = 0;
  let chunk: Buffer[] = [];
  for (let index = 1; index <= count; index++) {
    const bytes = line(next, pick, index);
    if (asks(bytes)) asked++;
    chunk.push(bytes, Buffer.from("\n"));
    if (index % 500 > 0) continue;
    await session.write(Buffer.concat(chunk));
    chunk = [];
  }
  expect(asked).toBeGreaterThan(count / 2);
  await session.settled();
  const answers = (): number =>
    session.lines().filter((each) => !/^(?:barrier|initialize)/.test(String(each.id))).length;
  await poll(
    () => answers() >= asked,
    () => `${answers()} answers to ${asked} lines; stderr: ${session.stderr()}`,
  );
  await session.settled();
  expect(answers()).toBe(asked);
  expect(session.stderr().split("\n").filter(Boolean)).toEqual([expect.stringMatching(/^mcpfier: catalogue /)]);
  expect(await session.end()).toBe(0);
});
