import { isUtf8 } from "node:buffer";
import {
  type JSONRPCErrorResponse,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { boundsOf } from "./bounds.ts";
import { MOST_BYTES } from "./frames.ts";
import { isJSONRPCErrorResponse, isJSONRPCNotification, isJSONRPCRequest, isJSONRPCResultResponse } from "./kinds.ts";
import { CLAIMED } from "./revision.ts";

/** What one message is, once it is checked. A reply is to be sent back; what is ignored is never answered. */
export type Received =
  | { readonly kind: "request"; readonly message: JSONRPCRequest }
  | { readonly kind: "notification"; readonly message: JSONRPCNotification }
  | { readonly kind: "response"; readonly message: JSONRPCResponse }
  | { readonly kind: "batch"; readonly parts: readonly unknown[] }
  | { readonly kind: "refused"; readonly reply: ErrorReply }
  | { readonly kind: "ignored"; readonly reason: string };

/** An error of the protocol; its id is null where the request's could not be read, as JSON-RPC 2.0 has it. */
export type ErrorReply = Omit<JSONRPCErrorResponse, "id"> & { readonly id: string | number | null };

/** How deep lists and objects may stand in each other. */
const DEEPEST = 64;
/** What is deeper is not even parsed, and refused without its id. */
const ABYSS = 1000;
/** Characters of what came that are cited. */
const CITED = 40;
/** Messages in a batch. */
const MOST_IN_BATCH = 1000;

const { InvalidParams, InvalidRequest, ParseError } = ProtocolErrorCode;

/** Reads the bytes of one message (UTF-8, with or without a byte order mark), wherever they came from. */
export function readMessage(bytes: Buffer): Received {
  if (!isUtf8(bytes)) return refuse(null, ParseError, "the message is not valid UTF-8; send it as UTF-8");
  const { depth, inexact } = boundsOf(bytes, ABYSS);
  const fault = depth > DEEPEST ? TOO_DEEP : inexact === undefined ? undefined : inexactFault(inexact);
  if (depth > ABYSS) return refuse(null, InvalidRequest, TOO_DEEP);
  const text = bytes.toString("utf8", bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (BLANK.test(text)) return { kind: "ignored", reason: "a blank line" };
    return refuse(null, ParseError, "the line is no JSON; send each message as JSON in a line of its own");
  }
  return Array.isArray(value) && fault === undefined ? { kind: "batch", parts: value } : readValue(value, fault);
}

/** The same for a part of a batch, which is parsed already. A fault is what the text of it showed. */
export function readValue(value: unknown, fault?: string): Received {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(null, InvalidRequest, fault ?? "a message must be an object of JSON-RPC 2.0");
  const { jsonrpc, id, method, params } = value as Readonly<Record<string, unknown>>;
  if (jsonrpc !== "2.0") return refuse(idOrNull(id), InvalidRequest, 'a message must have "jsonrpc": "2.0"');
  if (method === undefined && ("result" in value || "error" in value)) return readResponse(value, fault);
  if (typeof method !== "string") return refuse(idOrNull(id), InvalidRequest, '"method" must be a text');
  const message = { jsonrpc, method, ...(params === undefined ? {} : { params }) };
  return id === undefined ? readNotification(message, fault) : readRequest({ ...message, id: idOrNull(id) }, fault);
}

function readRequest(message: object & { readonly id: ErrorReply["id"] }, fault: string | undefined): Received {
  const { id } = message;
  if (id === null) return refuse(null, InvalidRequest, '"id" must be a text or an integer within ±(2^53 - 1)');
  if (fault !== undefined) return refuse(id, InvalidRequest, fault);
  if (isJSONRPCRequest(message)) return { kind: "request", message };
  return refuse(id, InvalidParams, '"params" and its "_meta" must be objects, a progressToken a text or an integer');
}

/** Nothing that needs no answer gets one, not even when it is wrong. */
function readNotification(message: object, fault: string | undefined): Received {
  if (fault === undefined && isJSONRPCNotification(message)) return { kind: "notification", message };
  return { kind: "ignored", reason: `a malformed notification: ${fault ?? "its params"}` };
}

function readResponse(message: object, fault: string | undefined): Received {
  const isResponse = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
  if (fault === undefined && isResponse) return { kind: "response", message };
  return { kind: "ignored", reason: `a malformed response: ${fault ?? "its fields"}` };
}

/** Why a batch of so many messages is refused as a whole. */
export function batchFault(count: number): string | undefined {
  if (count > 0 && count <= MOST_IN_BATCH) return undefined;
  return `a batch holds 1 to ${MOST_IN_BATCH} messages, and this one ${count}; send ${count === 0 ? "one" : "fewer at once"}`;
}

/** What a frame beyond the limit is answered with: its id was never seen. */
export const TOO_LONG: Received = refuse(
  null,
  InvalidRequest,
  `a message of more than ${MOST_BYTES / 1024 / 1024} MiB was left out; what follows its line is read again`,
);

const TOO_DEEP = `lists and objects may stand ${DEEPEST} deep in each other, and here they stand deeper`;
const BOM = Buffer.from("\uFEFF");
const BLANK = /^[ \t\r]*$/;

function inexactFault(literal: string): string {
  const shown = literal.length > CITED ? `${literal.slice(0, CITED)}...` : literal;
  return `the number ${shown} would arrive as another one; send a number that a double holds, or a text`;
}

/** By which revision a message says in itself that it is to be read, as all do since 2026-07-28. */
export function claimOf({ params }: JSONRPCRequest | JSONRPCNotification): unknown {
  return params?._meta?.[PROTOCOL_VERSION_META_KEY];
}

/** What a request is answered with that is to be read by a revision which there is none of here. */
export function refuseRevision(id: ErrorReply["id"], requested: string): Received & { kind: "refused" } {
  const message = `expected a request of revision ${CLAIMED.join(" or ")} of the protocol, came "${requested.slice(0, CITED)}"`;
  const error = {
    code: ProtocolErrorCode.UnsupportedProtocolVersion,
    message,
    data: { supported: CLAIMED, requested },
  };
  return { kind: "refused", reply: { jsonrpc: "2.0", id, error } };
}

export function refuse(id: ErrorReply["id"], code: ProtocolErrorCode, message: string): Received & { kind: "refused" } {
  return { kind: "refused", reply: { jsonrpc: "2.0", id, error: { code, message } } };
}

function idOrNull(id: unknown): ErrorReply["id"] {
  return typeof id === "string" || Number.isSafeInteger(id) ? (id as string | number) : null;
}
