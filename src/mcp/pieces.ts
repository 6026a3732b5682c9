import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { isText, isTextual, mediaTypeOf, mediaTypeOfName } from "../base/media-type.ts";
import { Refusal, type RefusalCode } from "../base/refusal.ts";
import { redact } from "../base/secret.ts";
import type { PathRule } from "../command/command.ts";
import { readConfined } from "../command/read-file.ts";
import type { Engine } from "../engine.ts";
import { createCleaner } from "../pipeline/cleaner.ts";
import type { Content, ResourcePiece } from "../pipeline/content.ts";
import type { Following } from "./following.ts";

export interface FileOptions {
  /** Bytes at most. */
  readonly most: number;
  /** The media type; empty: as the bytes, or the end of the name, tell. */
  readonly mime: string;
  /** The address of the content. */
  readonly uri: string;
  readonly secrets: readonly string[];
}

/** A file as the content of a resource, text where it is text; what may not be read is an error of the protocol. */
export async function fileContent(path: string, rule: PathRule, options: FileOptions): Promise<ResourcePiece> {
  const { most, uri, secrets } = options;
  const { path: real, bytes } = await readConfined(path, rule, most).catch(refusedAs(secrets));
  const readable = isText(bytes, false);
  const told = options.mime || mediaTypeOf(bytes) || mediaTypeOfName(real);
  const mime = told || (readable ? "text/plain" : "application/octet-stream");
  const body =
    readable && isTextual(mime)
      ? { text: createCleaner(secrets)(bytes.toString()) }
      : { base64: bytes.toString("base64") };
  return { kind: "resource", uri, mime, body };
}

/** The request of a client that contents are made for. */
export interface Asking extends Pick<Following, "follow"> {
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** What a command prints, as a call of its tool would show it, nothing where it prints nothing; every other outcome is an error of the protocol. */
export async function printedContent(
  { engine, signal, follow }: Asking,
  request: { readonly tool: string; readonly arguments: unknown },
): Promise<readonly Content[]> {
  const command = engine.find(request.tool);
  let callId = "";
  const begun = (id: string): void => void (callId = id);
  const watcher = command ? follow(command, () => callId) : {};
  const outcome = await engine.call({ ...request, signal, begun, ...watcher });
  if (outcome.kind === "refused") throw protocolError(outcome.code, outcome.problems.join("\n"));
  if (outcome.kind === "planned" || outcome.kind === "handed_off") throw new Error(`a call was ${outcome.kind}`);
  const { shown } = outcome;
  if (outcome.kind !== "completed" || shown.isError)
    throw new ProtocolError(ProtocolErrorCode.InternalError, `the command "${request.tool}" ${shown.text}`);
  const { stdout, stderr } = outcome;
  // What is shown then says so in words.
  if (shown.content.length === 0 && stdout.bytes + stderr.bytes === 0) return [];
  return shown.text === "" ? shown.content : [...shown.content, { kind: "text", text: shown.text }];
}

/** Makes an error of the protocol of a refusal, and passes everything else on. */
export function refusedAs(secrets: readonly string[]): (error: unknown) => never {
  return (error) => {
    if (error instanceof Refusal) throw protocolError(error.code, redact(error.message, new Set(secrets)));
    throw error;
  };
}

function protocolError(code: RefusalCode, text: string): ProtocolError {
  // A user who does not answer is no failure of the server: an argument was not given.
  const isTheirs = /^(?:arguments|ask|path|dash|constraint)\./.test(code);
  const kind = isTheirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(kind, `refused (${code}): ${text}`);
}
