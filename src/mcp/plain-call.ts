import { type Fields, isId, isObject } from "./kinds.ts";

/**
 * What the protocol library's own checks of `tools/call` give, of either era, for the requests and results that nearly all are.
 * Undefined: this is none of them, and its schemas are to be asked, and tell what is wrong with it. The bundle asks here first: two
 * checks of a request and one of its result are a tenth of the time of a call that starts nothing.
 */
export function plainRequest(method: string, message: unknown): Checked | undefined {
  if (method !== CALL || !isObject(message) || message["method"] !== CALL) return undefined;
  const { params } = message;
  if (!isOnly(params, PARAMS) || typeof params["name"] !== "string") return undefined;
  const { _meta, name, arguments: given } = params;
  if (!isMissingOr(isMetaOfRequest, _meta) || !isMissingOr(isRecord, given)) return undefined;
  const value = {
    ...(_meta === undefined ? {} : { _meta }),
    name,
    ...(given === undefined ? {} : { arguments: given }),
  };
  return { ok: true, value: { method, params: value } };
}

/** The same for a result, whose fields come in the library's order. */
export function plainResult(method: string, result: unknown): Checked | undefined {
  if (method !== CALL || !isOnly(result, RESULT)) return undefined;
  const { _meta, content, structuredContent, isError } = result;
  if (!Array.isArray(content) || !content.every(isText)) return undefined;
  if (!isMissingOr(isMetaOfResult, _meta) || !isMissingOr(isRecord, structuredContent)) return undefined;
  if (isError !== undefined && typeof isError !== "boolean") return undefined;
  const value = {
    ...(_meta === undefined ? {} : { _meta }),
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
    ...(isError === undefined ? {} : { isError }),
  };
  return { ok: true, value };
}

export interface Checked {
  readonly ok: true;
  readonly value: object;
}

const CALL = "tools/call";
const PARAMS: ReadonlySet<string> = new Set(["_meta", "name", "arguments"]);
const RESULT: ReadonlySet<string> = new Set(["_meta", "content", "structuredContent", "isError"]);
const TEXT: ReadonlySet<string> = new Set(["type", "text"]);
/** What the library knows in `_meta` it checks, by keys of its own. */
const RESERVED = "io.modelcontextprotocol/";

function isOnly(value: unknown, fields: ReadonlySet<string>): value is Fields {
  if (!isObject(value)) return false;
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

function isMissingOr(isOne: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || isOne(value);
}

/** The library leaves `__proto__` out. */
function isRecord(value: unknown): value is Fields {
  return isObject(value) && !Object.hasOwn(value, "__proto__");
}

function isMetaOfRequest(meta: unknown): boolean {
  return isRecord(meta) && isMissingOr(isId, meta["progressToken"]) && !hasReserved(meta);
}

function isMetaOfResult(meta: unknown): boolean {
  return isRecord(meta) && !("progressToken" in meta) && !hasReserved(meta);
}

function hasReserved(meta: Fields): boolean {
  for (const key in meta) if (key.startsWith(RESERVED)) return true;
  return false;
}

function isText(block: unknown): boolean {
  return isOnly(block, TEXT) && block["type"] === "text" && typeof block["text"] === "string";
}
