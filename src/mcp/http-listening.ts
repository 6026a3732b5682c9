import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { type Listening, urisOf } from "./listening.ts";

/** Which addresses the clients without a session listen for, all of them together. */
export interface HttpListening extends Listening {
  /** Hears a message that was posted; the answer is called when its stream is over. Null: as many listen as may. */
  hear(message: JSONRPCMessage): (() => void) | null;
}

export function createHttpListening(most: number): HttpListening {
  const open = new Set<readonly string[]>();
  let changed: (uris: ReadonlySet<string>) => void = ignore;
  const tell = (): void => changed(new Set([...open].flat()));
  return {
    hear: (message) => {
      if (!("method" in message) || message.method !== "subscriptions/listen") return ignore;
      if (open.size >= most) return null;
      const uris = urisOf(message.params?.["notifications"]);
      // Most listen for no address.
      const told = uris.length > 0 ? tell : ignore;
      open.add(uris);
      told();
      return () => {
        open.delete(uris);
        told();
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
