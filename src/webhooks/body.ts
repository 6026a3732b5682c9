import type { IncomingMessage } from "node:http";
import { PassThrough, type Duplex, type Readable, pipeline } from "node:stream";
import { HookFault, faultFrom } from "./fault.ts";

/** More codings upon one another are no compression. */
const CODINGS = 2;

/** The codings of a body that are undone, innermost first; none when one of them is unknown, and the body is as it came. */
export function codingsOf(answer: IncomingMessage, method: string): readonly string[] {
  const names = (answer.headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  const isEmpty = method === "HEAD" || answer.statusCode === 204 || answer.statusCode === 304;
  const isKnown = names.length <= CODINGS && names.every((name) => DECODERS.has(name));
  return isEmpty || answer.headers["content-length"] === "0" || !isKnown ? [] : names;
}

/** The body of an answer, decompressed as it comes, until the signal aborts, whose reason must be an error. */
export function bodyOf(
  answer: IncomingMessage,
  codings: readonly string[],
  where: string,
  signal: AbortSignal,
): Readable {
  const faultOf = (error: Error): HookFault =>
    answer.errored || codings.length === 0
      ? faultFrom(error, where, true)
      : new HookFault(
          "lost",
          `${where} answered with a body that is not whole, or not the ${codings.join(", ")} it is said to be`,
        );
  const body = new PassThrough({
    destroy: (error, done) => done(error === null || error === signal.reason ? error : faultOf(error)),
  });
  const giveUp = (): void => void body.destroy(signal.reason as Error);
  body.once("close", () => signal.removeEventListener("abort", giveUp));
  // Who reads it later hears of the error then; without a listener it would end the process now.
  body.on("error", () => undefined);
  signal.addEventListener("abort", giveUp);
  const decoders = codings.toReversed().flatMap((name) => DECODERS.get(name)?.() ?? []);
  pipeline([answer, ...decoders, body], () => undefined);
  if (signal.aborted) giveUp();
  return body;
}

const DECODERS: ReadonlyMap<string, () => Duplex> = new Map([
  ["gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["x-gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["deflate", () => process.getBuiltinModule("node:zlib").createInflate()],
  ["br", () => process.getBuiltinModule("node:zlib").createBrotliDecompress()],
]);
