import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
} from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import * as own from "../../src/mcp/kinds.ts";

const TESTS = [
  [own.isJSONRPCRequest, isJSONRPCRequest],
  [own.isJSONRPCNotification, isJSONRPCNotification],
  [own.isJSONRPCResultResponse, isJSONRPCResultResponse],
  [own.isJSONRPCErrorResponse, isJSONRPCErrorResponse],
] as const;

/** What a field may be, wrong or right; undefined: it is there without a value, or not at all. */
const IDS = [undefined, null, 1, -1, 0.5, 2 ** 53, Number.NaN, "", "a", true, {}];
const METAS = [
  undefined,
  null,
  [],
  "x",
  {},
  { other: 1 },
  ...IDS.map((progressToken) => ({ progressToken })),
  ...[undefined, null, {}, { taskId: 1 }, { taskId: "t", more: 1 }].map((task) => ({
    "io.modelcontextprotocol/related-task": task,
  })),
  { "io.modelcontextprotocol/serverInfo": 1 },
];
const HOLDERS = [undefined, null, [], "x", 1, {}, { other: [] }, ...METAS.map((_meta) => ({ _meta, other: 1 }))];
const ERRORS = [
  ...HOLDERS,
  ...[undefined, null, 1.5, "1", -32_600].flatMap((code) =>
    [undefined, 1, "text"].map((message) => ({ code, message })),
  ),
  { code: 1, message: "", data: null, more: 1 },
];
const VALUES: readonly unknown[] = [
  undefined,
  null,
  [],
  "text",
  1,
  {},
  ...["2.0", "1.0", 2, undefined].flatMap((jsonrpc) => [
    { jsonrpc },
    { jsonrpc, method: "m" },
    { jsonrpc, id: 1, method: "m" },
    { jsonrpc, id: 1, result: {} },
    { jsonrpc, id: 1, error: { code: 1, message: "" } },
  ]),
  ...[undefined, null, 1, ""].map((method) => ({ jsonrpc: "2.0", id: 1, method })),
  ...IDS.flatMap((id) => [
    { jsonrpc: "2.0", id, method: "m" },
    { jsonrpc: "2.0", id, result: {} },
    { jsonrpc: "2.0", id, error: { code: 1, message: "" } },
  ]),
  ...HOLDERS.flatMap((holder) => [
    { jsonrpc: "2.0", id: "i", method: "m", params: holder },
    { jsonrpc: "2.0", method: "m", params: holder },
    { jsonrpc: "2.0", id: "i", result: holder },
  ]),
  ...ERRORS.flatMap((error) => [
    { jsonrpc: "2.0", id: "i", error },
    { jsonrpc: "2.0", error },
  ]),
  { jsonrpc: "2.0", id: 1, method: "m", params: {}, more: undefined },
  { jsonrpc: "2.0", method: "m", more: 1 },
  { jsonrpc: "2.0", id: 1, result: {}, method: "m" },
  { jsonrpc: "2.0", id: 1, result: {}, error: { code: 1, message: "" } },
  JSON.parse('{"jsonrpc":"2.0","id":1,"method":"m","__proto__":{}}'),
  JSON.parse('{"jsonrpc":"2.0","id":1,"method":"m","params":{"__proto__":{},"_meta":{"__proto__":1}}}'),
];

test.each(TESTS)("%o tells a message as the protocol library's schemas tell it", (isOne, isOneThere) => {
  expect(VALUES.filter((value) => isOne(value) !== isOneThere(value))).toEqual([]);
  expect(VALUES.filter(isOne).length).toBeGreaterThan(5);
});
