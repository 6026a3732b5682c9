import {
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { type Batch, type Reply, type RequestId, createAnswers } from "./answers.ts";
import { type Received, batchFault, claimOf, readValue, refuse, refuseRevision } from "./message.ts";
import { BATCHES_IN, CLAIMED } from "./revision.ts";

/**
 * The rules of one connection that the protocol's library leaves out: an id is under way once, nothing runs before
 * `initialize` or without the `_meta` that stands for it since 2026-07-28, a batch is answered as one.
 */
export interface Session {
  /** Passes on what may pass, and answers the rest. */
  receive(received: Received): void;
  /** While `initialize` is under way nothing else may be received: before its answer it is open whether a session has begun. */
  deciding(): Promise<void> | undefined;
  /** Whether a message of the server is to be sent. The answer of a cancelled request is not, and a batch's go together. */
  outgoing(message: JSONRPCMessage): boolean;
  /** As `initialize` settled it. */
  setRevision(revision: string): void;
}

export interface SessionEnds {
  /** To the protocol's library. */
  deliver(message: JSONRPCMessage): void;
  /** To the client. */
  send(reply: Reply | readonly Reply[]): void;
  ignored(reason: string): void;
}

const { InvalidRequest } = ProtocolErrorCode;

export function createSession({ deliver, send, ignored }: SessionEnds): Session {
  const answers = createAnswers(send);
  const opening = createOpening();
  let revision: string | undefined;

  function receive(received: Received): void {
    if (received.kind !== "batch") return receiveOne(received, undefined);
    const fault = revision === BATCHES_IN ? batchFault(received.parts.length) : NO_BATCHES;
    if (fault !== undefined) return send(refuse(null, InvalidRequest, fault).reply);
    return answers.together((batch) => {
      for (const part of received.parts) receiveOne(readValue(part), batch);
    });
  }

  function receiveOne(received: Received, batch: Batch | undefined): void {
    if (received.kind === "request") request(received.message, batch);
    else if (received.kind === "notification") notification(received.message);
    else if (received.kind === "refused") answers.reply(received.reply, batch);
    else if (received.kind === "ignored") ignored(received.reason);
    else if (received.kind === "response" && opening.isBegun()) deliver(received.message);
    else ignored("a response to nothing that was asked");
  }

  function request(message: JSONRPCRequest, batch: Batch | undefined): void {
    const { id, method } = message;
    const reply = (back: typeof id | null, text: string): void =>
      answers.reply(refuse(back, InvalidRequest, text).reply, batch);
    // With its id the answer would look like that of the first, which still runs.
    if (answers.isUnderWay(id)) return reply(null, twice(id));
    if (method === "initialize" && opening.isBegun()) return reply(id, BEGUN);
    if (method === "initialize") return batch ? reply(id, ALONE) : pass(message, undefined);
    const claim = claimOf(message);
    if (isForeign(claim)) return answers.reply(refuseRevision(id, claim).reply, batch);
    if (opening.isBegun() || claim !== undefined) return pass(message, batch);
    // Passed on, it would begin a session of the older era.
    if (method === "ping") return answers.reply({ jsonrpc: "2.0", id, result: {} }, batch);
    return reply(id, NOT_BEGUN);
  }

  function pass(message: JSONRPCRequest, batch: Batch | undefined): void {
    answers.begin(message.id, batch);
    opening.begin(message);
    deliver(message);
  }

  /** The library takes a first message without `_meta` for the beginning of a session of the older era, whatever it is. */
  function notification(message: JSONRPCNotification): void {
    const isCancel = message.method === "notifications/cancelled";
    const id = message.params?.["requestId"] as RequestId;
    const claim = claimOf(message);
    const isOfSession = opening.isBegun() || claim !== undefined;
    if (isForeign(claim) || !(isCancel ? answers.isUnderWay(id) : isOfSession))
      return ignored(`${message.method.slice(0, 80)} has nothing that it could be about`);
    if (isCancel) answers.cancel(id);
    return deliver(message);
  }

  function outgoing(message: JSONRPCMessage): boolean {
    if ("method" in message || message.id === undefined) return true;
    opening.settle(message.id, "result" in message);
    return answers.settle(message.id, message);
  }

  return {
    receive,
    deciding: opening.deciding,
    outgoing,
    setRevision: (settled) => void (revision = settled),
  };
}

/** Whether `initialize` has been asked for and answered. */
function createOpening(): {
  isBegun(): boolean;
  deciding(): Promise<void> | undefined;
  begin(request: JSONRPCRequest): void;
  settle(id: RequestId, isFine: boolean): void;
} {
  let isBegun = false;
  let asked: (PromiseWithResolvers<void> & { readonly id: RequestId }) | undefined;
  return {
    isBegun: () => isBegun,
    deciding: () => asked?.promise,
    begin: ({ id, method }) => {
      if (method === "initialize") asked = { id, ...Promise.withResolvers<void>() };
    },
    settle: (id, isFine) => {
      if (asked?.id !== id) return;
      isBegun ||= isFine;
      asked.resolve();
      asked = undefined;
    },
  };
}

const ALONE = "initialize stands alone; send it outside of a batch";
const BEGUN = "this session has begun already; begin another one with a server of its own";
const NOT_BEGUN =
  `no session has begun: send "initialize" first, or, as of 2026-07-28, "${PROTOCOL_VERSION_META_KEY}" ` +
  'and its companions in the "_meta" of each request';

const NO_BATCHES = `only revision ${BATCHES_IN} of the protocol has batches; send each message in a line of its own`;

function twice(id: RequestId): string {
  return `a request with the id ${JSON.stringify(id).slice(0, 80)} is under way; send each with an id of its own`;
}

/** The library looks at the claim of the first message alone, and tells what is wrong with one that is no text. */
function isForeign(claim: unknown): claim is string {
  return typeof claim === "string" && !CLAIMED.includes(claim);
}
