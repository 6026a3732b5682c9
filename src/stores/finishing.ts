/** What is still done on the disk behind ended calls, by their ids. */
export interface Finishing {
  /** The work must not reject. */
  add(id: string, work: Promise<void>): void;
  /** The last that was added. */
  of(id: string): Promise<void> | undefined;
  count(): number;
  all(): Promise<unknown>;
}

export function createFinishing(): Finishing {
  const works = new Map<string, Promise<void>>();

  function add(id: string, work: Promise<void>): void {
    const done = work.finally(() => {
      if (works.get(id) === done) works.delete(id);
    });
    works.set(id, done);
  }

  return { add, of: (id) => works.get(id), count: () => works.size, all: () => Promise.all(works.values()) };
}
