import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import type { ErrorReply } from "./message.ts";

export type RequestId = JSONRPCRequest["id"];
export type Reply = JSONRPCMessage | ErrorReply;

/** Answers that go out together, once there is one for each request of a batch that was not cancelled. */
export interface Batch {
  readonly replies: Reply[];
  /** Requests without a reply so far, and one more while it is taken apart. */
  left: number;
}

/** The requests that are under way, and the way back of their answers. The ids 1 and "1" are two. */
export interface Answers {
  isUnderWay(id: RequestId): boolean;
  begin(id: RequestId, batch: Batch | undefined): void;
  /** An answer of what is under way; whether it is to be sent now and by itself. */
  settle(id: RequestId, reply: Reply): boolean;
  /** From here on an answer comes too late. */
  cancel(id: RequestId): void;
  /** Answers what never was under way. */
  reply(reply: Reply, batch: Batch | undefined): void;
  /** Has everything that `take` begins and replies with the batch answered as one. */
  together(take: (batch: Batch) => void): void;
}

export function createAnswers(send: (reply: Reply | readonly Reply[]) => void): Answers {
  const underWay = new Map<RequestId, Batch | undefined>();

  function end(id: RequestId): Batch | undefined {
    const batch = underWay.get(id);
    underWay.delete(id);
    return batch;
  }

  function finish(batch: Batch): void {
    batch.left--;
    if (batch.left === 0 && batch.replies.length > 0) send(batch.replies);
  }

  return {
    isUnderWay: (id) => underWay.has(id),
    begin: (id, batch) => {
      underWay.set(id, batch);
      if (batch) batch.left++;
    },
    settle: (id, reply) => {
      if (!underWay.has(id)) return false;
      const batch = end(id);
      batch?.replies.push(reply);
      if (batch) finish(batch);
      return batch === undefined;
    },
    cancel: (id) => {
      const batch = end(id);
      if (batch) finish(batch);
    },
    reply: (reply, batch) => {
      if (batch) batch.replies.push(reply);
      else send(reply);
    },
    together: (take) => {
      const batch: Batch = { replies: [], left: 1 };
      take(batch);
      finish(batch);
    },
  };
}
