/** The streams of all sessions that are over, for clients that lost them. Those that were read are given up before the others. */
export interface Archive {
  /** Takes it in, or anew when it was heard by somebody. */
  keep(one: Archived): void;
  drop(one: Archived): void;
}

export interface Archived {
  /** Characters. */
  size(): number;
  /** Whether its end was sent to a client that had not gone. */
  wasRead(): boolean;
  /** It cannot be taken up again. */
  forget(): void;
}

export interface ArchiveLimits {
  /** Streams that are over. */
  readonly keptStreams: number;
  /** Of these, such as were read. */
  readonly readStreams: number;
  /** Characters of all of them. */
  readonly keptCharacters: number;
}

export function createArchive({ keptStreams, readStreams, keptCharacters }: ArchiveLimits): Archive {
  /** The oldest first. */
  const read = new Set<Archived>();
  const unread = new Set<Archived>();
  let size = 0;

  function drop(one: Archived): void {
    if (read.delete(one) || unread.delete(one)) size -= one.size();
  }

  function keep(one: Archived): void {
    drop(one);
    (one.wasRead() ? read : unread).add(one);
    size += one.size();
    while (read.size > readStreams || read.size + unread.size > keptStreams || size > keptCharacters) {
      const [oldest] = read.size > 0 ? read : unread;
      if (!oldest) return;
      drop(oldest);
      oldest.forget();
    }
  }

  return { keep, drop };
}
