/** Those who want to be told of something. */
export interface Listeners<T> {
  /** The answer takes it away again. */
  add(listener: (news: T) => void): () => void;
  tell(news: T): void;
}

export function createListeners<T>(): Listeners<T> {
  const all = new Set<(news: T) => void>();
  return {
    add: (listener) => {
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell: (news) => {
      for (const listener of all) listener(news);
    },
  };
}
