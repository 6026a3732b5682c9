import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";

/** Which addresses a client of the newer era listens for: the protocol's library keeps these requests from the server. */
export interface Listening {
  /** Told of all addresses now, and whenever others are listened for; only the last one that asked is told. */
  onChange(changed: (uris: ReadonlySet<string>) => void): void;
}

/** The same over a stream of messages. */
export interface Overhearing extends Listening {
  /** Hears every message of a transport before the library does, which must have been given it already. */
  overhear(transport: Transport): void;
}

/** As many as the library keeps. */
const MOST_REQUESTS = 1024;

export function createListening(): Overhearing {
  const requests = new Map<string | number, readonly string[]>();
  let changed: (uris: ReadonlySet<string>) => void = ignore;
  const tell = (): void => changed(new Set([...requests.values()].flat()));

  function hear(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    const { method, params } = message;
    if (method === "notifications/cancelled") {
      if (requests.delete(params?.["requestId"] as string | number)) tell();
    } else if (method === "subscriptions/listen" && "id" in message && requests.size < MOST_REQUESTS) {
      requests.set(message.id, urisOf(params?.["notifications"]));
      tell();
    }
  }

  return {
    overhear: (transport) => {
      const deliver = transport.onmessage;
      // oxlint-disable-next-line prefer-add-event-listener -- the protocol library has no other way
      transport.onmessage = (message, extra) => {
        hear(message);
        deliver?.(message, extra);
      };
    },
    onChange: (listener) => {
      changed = listener;
      tell();
    },
  };
}

/** The library refuses what is none; here it is passed over. */
export function urisOf(notifications: unknown): readonly string[] {
  const { resourceSubscriptions: uris } = (notifications ?? {}) as { readonly resourceSubscriptions?: unknown };
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [];
}

function ignore(): void {
  // No server asked yet.
}
