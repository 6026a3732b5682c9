/** A heavy library, loaded when it is first asked for and at hand from then on: `import()` costs each time. */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
