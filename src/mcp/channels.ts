import type { RequestId } from "./answers.ts";
import type { Exchange } from "./exchange.ts";
import type { Outlet } from "./tape.ts";

/** The HTTP request that waits for some answers, and the stream that they go into; null: one answer, as JSON. */
export interface Channel {
  readonly exchange: Exchange;
  readonly stream: Outlet | null;
}

/** Which request is answered where. The ids 1 and "1" are two. */
export interface Channels {
  /** The first that is under way already, or stands twice among them. */
  duplicateOf(ids: readonly RequestId[]): RequestId | undefined;
  begin(ids: readonly RequestId[], channel: Channel): void;
  of(id: RequestId): Channel | undefined;
  /** Nothing more comes for a request; the stream ends with the last of its requests. */
  settle(id: RequestId): void;
  /** Resolves when that is so; at once for one that is not under way. */
  settled(id: RequestId): Promise<void>;
  areUnderWay(): boolean;
  end(): void;
}

interface UnderWay {
  /** Shared by the requests of a batch; how many of them are left. */
  readonly channel: Channel & { left: number };
  over: PromiseWithResolvers<void> | undefined;
}

export function createChannels(): Channels {
  const underWay = new Map<RequestId, UnderWay>();
  return {
    duplicateOf: (ids) => ids.find((id, at) => underWay.has(id) || ids.indexOf(id) !== at),
    begin: (ids, channel) => {
      const shared = { ...channel, left: ids.length };
      for (const id of ids) underWay.set(id, { channel: shared, over: undefined });
    },
    of: (id) => underWay.get(id)?.channel,
    settle: (id) => {
      const { channel, over } = underWay.get(id) ?? {};
      underWay.delete(id);
      over?.resolve();
      if (channel && --channel.left === 0) channel.stream?.end();
    },
    settled: (id) => {
      const request = underWay.get(id);
      if (!request) return Promise.resolve();
      request.over ??= Promise.withResolvers();
      return request.over.promise;
    },
    areUnderWay: () => underWay.size > 0,
    end: () => {
      for (const { channel, over } of underWay.values()) {
        channel.stream?.end();
        over?.resolve();
      }
      underWay.clear();
    },
  };
}
