import type { IncomingMessage } from "node:http";
import { type Refused, tooLarge } from "./guards.ts";
import type { Limits } from "./limits.ts";

/** What one request takes of the memory that there is for the bodies of all; it is held until the request is over. */
export interface Held {
  take(bytes: number): boolean;
  release(): void;
}

export function createRoom(most: number): () => Held {
  let taken = 0;
  return () => {
    let mine = 0;
    return {
      take: (bytes) => {
        if (taken + bytes > most) return false;
        taken += bytes;
        mine += bytes;
        return true;
      },
      release: () => {
        taken -= mine;
        mine = 0;
      },
    };
  };
}

/** A body, or why it is not read; rejects when the client goes. How long it may take is the server's `requestTimeout`. */
export async function readBody(
  incoming: IncomingMessage,
  held: Held,
  limits: Pick<Limits, "bodyBytes">,
): Promise<Buffer | Refused> {
  const chunks: Buffer[] = [];
  let size = 0;
  // To destroy it would close the connection before the answer is out.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.bodyBytes) return tooLarge(limits);
    if (!held.take(chunk.length)) return FULL;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const FULL: Refused = {
  status: 503,
  text: "the bodies of other requests take all the memory there is for them; try again",
  headers: { "retry-after": "1" },
};
