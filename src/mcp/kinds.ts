import type {
  JSONRPCErrorResponse,
  JSONRPCNotification,
  JSONRPCRequest,
  JSONRPCResultResponse,
} from "@modelcontextprotocol/server";

/**
 * Of which kind a message of JSON-RPC 2.0 is, as the protocol library's own tests of the same names say: the bundle has these in
 * their place. The library asks six times for each call, by schemas that copy the whole message, and make an error for each no.
 */
export function isJSONRPCRequest(value: unknown): value is JSONRPCRequest {
  return isMessage(value, REQUEST) && isId(value["id"]) && isAsked(value);
}

export function isJSONRPCNotification(value: unknown): value is JSONRPCNotification {
  return isMessage(value, NOTIFICATION) && isAsked(value);
}

export function isJSONRPCResultResponse(value: unknown): value is JSONRPCResultResponse {
  if (!isMessage(value, RESULT) || !isId(value["id"])) return false;
  const { result } = value;
  return isObject(result) && (result["_meta"] === undefined || isObject(result["_meta"]));
}

export function isJSONRPCErrorResponse(value: unknown): value is JSONRPCErrorResponse {
  if (!isMessage(value, ERROR) || !(value["id"] === undefined || isId(value["id"]))) return false;
  const { error } = value;
  return isObject(error) && Number.isSafeInteger(error["code"]) && typeof error["message"] === "string";
}

export type Fields = Readonly<Record<string, unknown>>;

const REQUEST: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);
const NOTIFICATION: ReadonlySet<string> = new Set(["jsonrpc", "method", "params"]);
const RESULT: ReadonlySet<string> = new Set(["jsonrpc", "id", "result"]);
const ERROR: ReadonlySet<string> = new Set(["jsonrpc", "id", "error"]);
const RELATED_TASK = "io.modelcontextprotocol/related-task";

function isMessage(value: unknown, fields: ReadonlySet<string>): value is Fields {
  if (!isObject(value) || value["jsonrpc"] !== "2.0") return false;
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

/** Whether what requests and notifications have in common is right. */
function isAsked({ method, params }: Fields): boolean {
  if (typeof method !== "string") return false;
  return params === undefined || (isObject(params) && isMeta(params["_meta"]));
}

function isMeta(meta: unknown): boolean {
  if (meta === undefined) return true;
  if (!isObject(meta)) return false;
  const { progressToken, [RELATED_TASK]: task } = meta;
  const isTask = task === undefined || (isObject(task) && typeof task["taskId"] === "string");
  return isTask && (progressToken === undefined || isId(progressToken));
}

export function isId(value: unknown): value is string | number {
  return typeof value === "string" || Number.isSafeInteger(value);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
