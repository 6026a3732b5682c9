import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type Resource,
  type ResourceLink,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import { Refusal } from "../base/refusal.ts";
import { plainText } from "../base/text.ts";
import type { Engine } from "../engine.ts";
import type { Ran } from "../pipeline/call.ts";
import type { Found } from "../stores/grep.ts";
import {
  DEFAULT_LENGTH,
  MOST_LENGTH,
  type RecordFacts,
  STREAMS,
  type StreamName,
  holdsAny,
  recordUri,
} from "../stores/record.ts";
import type { Slice } from "../stores/slice.ts";
import { LINKS_SINCE, knows } from "./revision.ts";

const MOST_LISTED = 100;

/** What the latest calls printed, as resources. */
export function recordedResources({ records }: Engine): readonly Resource[] {
  return listed(records?.newest() ?? []);
}

/** Whether an address is that of what a call printed, and of nothing in a catalogue. */
export function isRecordUri(uri: string): boolean {
  return uri.startsWith("mcpfier:");
}

/** Links to what a result leaves out, for clients that know them. */
export function linksOf(outcome: Ran, revision: string | undefined): readonly ResourceLink[] {
  const { record, shown, tool } = outcome;
  if (!record || !knows(revision, LINKS_SINCE)) return [];
  return shown.cut
    .filter((stream) => record.kept.includes(stream))
    .map((stream) =>
      Object.assign(
        { type: "resource_link" } as const,
        described({ id: record.id, tool, stream, bytes: outcome[stream].bytes }),
      ),
    );
}

/** How what a call printed is read by range or by line. */
export const RECORD_TEMPLATE = {
  uriTemplate: "mcpfier://calls/{id}/{stream}{?offset,length,grep,raw}",
  name: "output",
  title: "Output of a call",
  description: `What a call printed on "stdout" or "stderr". offset and length choose bytes (at most ${MOST_LENGTH}; default ${DEFAULT_LENGTH}), grep gives the lines that match a regular expression (RE2), raw=true the exact bytes.`,
};

function listed(records: readonly RecordFacts[]): Resource[] {
  return records
    .flatMap((record) =>
      STREAMS.filter((stream) => holdsAny(record[stream])).map((stream) => ({
        id: record.id,
        tool: record.tool,
        stream,
        bytes: record[stream].bytes,
      })),
    )
    .slice(0, MOST_LISTED)
    .map(described);
}

interface Described {
  readonly id: string;
  readonly tool: string;
  readonly stream: StreamName;
  readonly bytes: number;
}

function described({ id, tool, stream, bytes }: Described): Resource {
  return { uri: recordUri(id, stream), name: `${stream} of ${tool}`, mimeType: "text/plain", size: bytes };
}

interface Asked {
  readonly id: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly length: number;
  readonly grep: string | undefined;
  readonly raw: boolean;
}

/** What a call printed. */
export async function readRecord({ records }: Engine, uri: string, signal: AbortSignal): Promise<ReadResourceResult> {
  const asked = parseUri(uri);
  if (!records) throw new ResourceNotFoundError(uri, "output is not recorded here");
  const { id, stream, offset, length, grep, raw } = asked;
  try {
    if (grep === undefined)
      return sliceResult(uri, await records.read(id, stream, { offset, length, exact: raw }), raw);
    const { lineMatcher } = await import("../stores/expression.ts");
    return foundResult(uri, await records.grep(id, stream, { matches: lineMatcher(grep), offset, length, signal }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "record.missing") throw new ResourceNotFoundError(uri, error.message);
    const isTheirs = error.code === "arguments.invalid";
    throw new ProtocolError(
      isTheirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
      error.message,
    );
  }
}

function parseUri(uri: string): Asked {
  const [, id = "", stream, query = ""] =
    /^mcpfier:\/\/calls\/([^/?#]+)\/(stdout|stderr)(?:\?([^#]*))?$/.exec(uri) ?? [];
  if (stream === undefined)
    throw new ResourceNotFoundError(
      uri,
      `expected ${RECORD_TEMPLATE.uriTemplate} with stream stdout or stderr, came ${uri}`,
    );
  const values = new Map<string, string>();
  for (const [name, value] of query.split("&").filter(Boolean).map(parsePair)) {
    if (!["offset", "length", "grep", "raw"].includes(name))
      throw invalid(`"${name}" is not a parameter of this resource; expected offset, length, grep or raw`);
    if (values.has(name)) throw invalid(`${name}: expected it once, came twice`);
    values.set(name, value);
  }
  const grep = values.get("grep");
  if (grep === "") throw invalid("grep: expected a regular expression (RE2), came nothing; leave it out to read all");
  const raw = values.get("raw") ?? "false";
  if (raw !== "true" && raw !== "false") throw invalid(`raw: expected true or false, came "${raw}"`);
  return {
    id,
    stream: stream as StreamName,
    offset: wholeNumber(values, "offset", { default: 0, least: 0, most: Number.MAX_SAFE_INTEGER }),
    length: wholeNumber(values, "length", { default: DEFAULT_LENGTH, least: 1, most: MOST_LENGTH }),
    grep,
    raw: raw === "true",
  };
}

/** As RFC 6570 writes them: `+` is a plus. */
function parsePair(pair: string): [name: string, value: string] {
  const [name = "", ...value] = pair.split("=");
  try {
    return [name, decodeURIComponent(value.join("="))];
  } catch {
    throw invalid(`${name}: expected text in percent encoding, came "${value.join("=")}"`);
  }
}

function wholeNumber(
  values: ReadonlyMap<string, string>,
  name: string,
  bounds: { readonly default: number; readonly least: number; readonly most: number },
): number {
  const text = values.get(name) ?? String(bounds.default);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.least && value <= bounds.most) return value;
  throw invalid(`${name}: expected a whole number from ${bounds.least} to ${bounds.most}, came "${text}"`);
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

function sliceResult(uri: string, slice: Slice, raw: boolean): ReadResourceResult {
  const { offset, bytes, isText, next, totalBytes, gap } = slice;
  const told = {
    offset,
    length: bytes.length,
    ...(next === null ? {} : { nextOffset: next }),
    totalBytes,
    ...(gap === null ? {} : { gap }),
  };
  const content =
    isText && !raw
      ? { uri, mimeType: "text/plain", text: plainText(bytes.toString()) }
      : { uri, mimeType: "application/octet-stream", blob: bytes.toString("base64") };
  return { contents: [content], _meta: { "mcpfier/record": told } };
}

/** Each line as `number:byte:text`; the number is missing behind a gap. */
function foundResult(uri: string, { lines, next, totalBytes, missing }: Found): ReadResourceResult {
  const text = lines.map(({ line, offset, text: found }) => `${line ?? ""}:${offset}:${found}\n`).join("");
  const told = {
    matches: lines.length,
    ...(next === null ? {} : { nextOffset: next }),
    totalBytes,
    missingBytes: missing,
  };
  return { contents: [{ uri, mimeType: "text/plain", text }], _meta: { "mcpfier/record": told } };
}
