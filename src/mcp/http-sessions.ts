import { type ArchiveLimits, createArchive } from "./archive.ts";
import { type HttpSession, type HttpSessionOptions, openHttpSession } from "./http-session.ts";

export interface SessionLimits extends ArchiveLimits, Pick<HttpSessionOptions, "holdMs"> {
  /** Sessions that are open at once. */
  readonly sessions: number;
  /** How long one that nobody uses stays. */
  readonly idleMs: number;
  /** How long it must have been so before it gives way to a new one. */
  readonly yieldMs: number;
}

/** The sessions that are open. */
export interface HttpSessions {
  /** Null: there are as many as may be. */
  open(client: string): Promise<HttpSession | null>;
  /** One of this client; its time begins anew. */
  find(id: string, client: string): HttpSession | undefined;
  close(): Promise<void>;
}

interface Kept {
  readonly session: HttpSession;
  usedAt: number;
}

export function createHttpSessions(
  options: Omit<HttpSessionOptions, "client" | "ended" | "archive" | "holdMs">,
  { sessions: most, idleMs, yieldMs, holdMs, ...limits }: SessionLimits,
): HttpSessions {
  /** The one that was used last stands last. */
  const kept = new Map<string, Kept>();
  const archive = createArchive(limits);
  /** Those that are being opened count. */
  let opening = 0;
  const culling = setInterval(() => cull(idleMs), Math.min(idleMs, 60_000) / 2).unref();

  async function open(client: string): Promise<HttpSession | null> {
    if (isFull()) cull(yieldMs, 1);
    if (isFull()) return null;
    opening++;
    try {
      const session = await openHttpSession({
        ...options,
        archive,
        holdMs,
        client,
        ended: (id) => void kept.delete(id),
      });
      kept.set(session.id, { session, usedAt: performance.now() });
      return session;
    } finally {
      opening--;
    }
  }

  function isFull(): boolean {
    return kept.size + opening >= most;
  }

  function find(id: string, client: string): HttpSession | undefined {
    const found = kept.get(id);
    if (found?.session.client !== client) return undefined;
    use(found);
    return found.session;
  }

  function use(one: Kept): void {
    one.usedAt = performance.now();
    kept.delete(one.session.id);
    kept.set(one.session.id, one);
  }

  /** Closes those that nobody has used for so long, the oldest first. */
  function cull(ms: number, atMost = Number.POSITIVE_INFINITY): void {
    let left = atMost;
    for (const one of Array.from(kept.values())) {
      if (left === 0 || performance.now() - one.usedAt < ms) return;
      if (one.session.isBusy()) use(one);
      else {
        left--;
        void one.session.close();
      }
    }
  }

  async function close(): Promise<void> {
    clearInterval(culling);
    await Promise.all(Array.from(kept.values(), ({ session }) => session.close()));
  }

  return { open, find, close };
}
