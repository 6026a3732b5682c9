import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { type Listening, urisOf } from "./listening.ts";

/** Which addresses the clients without a session listen for, all of them together. */
export interface HttpListening extends Listening {
  /** Hears a message that was posted; the answer is called when its stream is over. */
  hear(message: JSONRPCMessage): () => void;
}

export function createHttpListening(): HttpListening {
  const open = new Set<readonly string[]>();
  let changed: (uris: ReadonlySet<string>) => void = ignore;
  const tell = (): void => changed(new Set([...open].flat()));
  return {
    hear: (message) => {
      if (!("method" in message) || message.method !== "subscriptions/listen") return ignore;
      const uris = urisOf(message.params?.["notifications"]);
      if (uris.length === 0) return ignore;
      open.add(uris);
      tell();
      return () => {
        open.delete(uris);
        tell();
      };
    },
    onChange: (listener) => {
      changed = listener;
      tell();
    },
  };
}

function ignore(): void {
  // Nobody listens for an address.
}
