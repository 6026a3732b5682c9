/** Bytes that clients have not read, all together. Beyond `most` whoever has read nothing for the longest time is given up. */
export interface Backlog {
  open(giveUp: () => void): Unread;
}

/** The part of one client. */
export interface Unread {
  /** How many there are now; that there are fewer than before means that it reads. */
  set(bytes: number): void;
}

export function createBacklog(most: number): Backlog {
  let total = 0;
  /** Who has read something last stands last. */
  const waiting = new Map<Unread, () => void>();

  /** A single answer may be larger than all the room. */
  function relieve(): void {
    for (const [unread, giveUp] of waiting) {
      if (total <= most || waiting.size === 1) return;
      giveUp();
      unread.set(0);
    }
  }

  return {
    open: (giveUp) => {
      let before = 0;
      const unread: Unread = {
        set: (bytes) => {
          total += bytes - before;
          if (bytes < before) waiting.delete(unread);
          before = bytes;
          if (bytes > 0 && !waiting.has(unread)) waiting.set(unread, giveUp);
          relieve();
        },
      };
      return unread;
    },
  };
}
