import type { RequestId } from "./answers.ts";
import type { EventStream, Exchange } from "./exchange.ts";

/** The HTTP request that waits for some answers, and the stream that they go into; null: one answer, as JSON. */
export interface Channel {
  readonly exchange: Exchange;
  readonly stream: EventStream | null;
}

/** Which request is answered where. The ids 1 and "1" are two. */
export interface Channels {
  /** The first that is under way already, or stands twice among them. */
  duplicateOf(ids: readonly RequestId[]): RequestId | undefined;
  begin(ids: readonly RequestId[], channel: Channel): void;
  of(id: RequestId): Channel | undefined;
  /** Nothing more comes for a request; the stream ends with the last of its requests. */
  settle(id: RequestId): void;
  areUnderWay(): boolean;
  end(): void;
}

export function createChannels(): Channels {
  const underWay = new Map<RequestId, Channel & { left: number }>();
  return {
    duplicateOf: (ids) => ids.find((id, at) => underWay.has(id) || ids.indexOf(id) !== at),
    begin: (ids, channel) => {
      const shared = { ...channel, left: ids.length };
      for (const id of ids) underWay.set(id, shared);
    },
    of: (id) => underWay.get(id),
    settle: (id) => {
      const channel = underWay.get(id);
      underWay.delete(id);
      if (channel && --channel.left === 0) channel.stream?.end();
    },
    areUnderWay: () => underWay.size > 0,
    end: () => {
      for (const { stream } of new Set(underWay.values())) stream?.end();
      underWay.clear();
    },
  };
}
