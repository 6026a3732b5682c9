/**
 * Bytes that clients have not read, all together. Beyond `most` whoever has read nothing for the longest time is given up, but
 * not because of one answer alone, which may be larger.
 */
export interface Backlog {
  open(giveUp: () => void): Unread;
}

/** The part of one client. */
export interface Unread {
  /** How many there are now, told after each answer; that there are fewer than before means that it reads. */
  set(bytes: number): void;
}

interface Waiting {
  giveUp(): void;
  /** Bytes of the last answer. */
  newest(): number;
}

export function createBacklog(most: number): Backlog {
  let total = 0;
  /** Who has read something last stands last. */
  const waiting = new Map<Unread, Waiting>();

  function relieve(): void {
    for (const [unread, { giveUp, newest }] of waiting) {
      if (total <= most || (waiting.size === 1 && total - newest() <= most)) return;
      giveUp();
      unread.set(0);
    }
  }

  return {
    open: (giveUp) => {
      let before = 0;
      let newest = 0;
      const mine = { giveUp, newest: () => newest };
      const unread: Unread = {
        set: (bytes) => {
          total += bytes - before;
          if (bytes > before) newest = bytes - before;
          if (bytes < before) waiting.delete(unread);
          before = bytes;
          if (bytes > 0 && !waiting.has(unread)) waiting.set(unread, mine);
          relieve();
        },
      };
      return unread;
    },
  };
}
