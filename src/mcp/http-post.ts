import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { RequestId } from "./answers.ts";
import { type Received, batchFault, claimOf, readMessage, readValue, refuse } from "./message.ts";

/** A message that was checked, and is none that is answered before it gets anywhere. */
export type Taken = Extract<Received, { readonly message: unknown }>;

/** What was posted at once. */
export interface Post {
  readonly parts: readonly Taken[];
  readonly isBatch: boolean;
}

const { InvalidRequest } = ProtocolErrorCode;

/** The messages of a body, or why it is refused as a whole: nothing of it runs then. */
export function readPost(body: Buffer): Post | Extract<Received, { readonly kind: "refused" }> {
  const received = readMessage(body);
  const isBatch = received.kind === "batch";
  const fault = isBatch ? batchFault(received.parts.length) : undefined;
  if (fault !== undefined) return refuse(null, InvalidRequest, fault);
  const parts: Taken[] = [];
  for (const part of isBatch ? received.parts.map((each) => readValue(each)) : [received]) {
    if (part.kind === "refused") return part;
    if (part.kind === "batch" || part.kind === "ignored")
      return refuse(
        null,
        InvalidRequest,
        `expected a message, came ${part.kind === "batch" ? "a batch" : part.reason}`,
      );
    parts.push(part);
  }
  return { parts, isBatch };
}

/** Whether a message of it says in itself by which revision it is to be read. */
export function isClaimed({ parts }: Post): boolean {
  return parts.some(({ message }) => "method" in message && claimOf(message) !== undefined);
}

/** With which id it is answered as a whole. */
export function idOf({ parts: [first], isBatch }: Post): RequestId | null {
  return first?.kind === "request" && !isBatch ? first.message.id : null;
}
