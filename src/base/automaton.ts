/**
 * Aho and Corasick's automaton (CACM 18, 1975) over bytes: finds all needles in one pass. States are numbers; 0: nothing is
 * begun. It is data, not functions, as it is asked for every byte.
 */
export interface Automaton {
  readonly longest: number;
  /** The next state from state 0, by byte. */
  readonly root: Int32Array;
  /** A first longer state; its `sibling`s are the others; 0: none, so that no byte could make a needle of it. */
  readonly child: Int32Array;
  readonly sibling: Int32Array;
  /** The byte that leads to a state. */
  readonly byteOf: Uint8Array;
  /** How many bytes of a needle have been seen. */
  readonly depth: Int32Array;
  /** The next shorter end of what was seen that begins a needle, too. */
  readonly shorter: Int32Array;
  /** 1: a needle ends here. */
  readonly isEnd: Uint8Array;
  /** The next shorter needle that ends at the same place, as the state of its end; 0: none. */
  readonly alsoEnded: Int32Array;
}

export function step({ root, child, sibling, byteOf, shorter }: Automaton, state: number, byte: number): number {
  for (let from = state; from !== 0; from = shorter[from] ?? 0) {
    let next = child[from] ?? 0;
    while (next !== 0 && byteOf[next] !== byte) next = sibling[next] ?? 0;
    if (next !== 0) return next;
  }
  return root[byte] ?? 0;
}

/** Takes time and memory in proportion to the bytes of the needles, none of which may be empty. */
export function createAutomaton(needles: readonly Buffer[]): Automaton {
  const trie = createTrie(needles);
  const { root, child, sibling, byteOf, isEnd, size } = trie;
  const shorter = new Int32Array(size);
  const alsoEnded = new Int32Array(size);
  const longest = needles.reduce((most, { length }) => Math.max(most, length), 0);
  const automaton = { ...trie, longest, shorter, alsoEnded };
  // Level by level, so that what a state falls back to is complete before it.
  const queue = new Int32Array(size);
  let filled = 0;
  for (const state of root) if (state !== 0) queue[filled++] = state;
  for (let at = 0; at < filled; at++) {
    const state = queue[at] ?? 0;
    const back = shorter[state] ?? 0;
    alsoEnded[state] = isEnd[back] === 1 ? back : (alsoEnded[back] ?? 0);
    for (let next = child[state] ?? 0; next !== 0; next = sibling[next] ?? 0) {
      shorter[next] = step(automaton, back, byteOf[next] ?? 0);
      queue[filled++] = next;
    }
  }
  return automaton;
}

type Trie = Omit<Automaton, "longest" | "shorter" | "alsoEnded"> & { readonly size: number };

/** Few states have more than one child, so that lists of siblings are as fast as tables, and a hundredth of their size. */
function createTrie(needles: readonly Buffer[]): Trie {
  const room = needles.reduce((sum, { length }) => sum + length, 1);
  const root = new Int32Array(256);
  const child = new Int32Array(room);
  const sibling = new Int32Array(room);
  const byteOf = new Uint8Array(room);
  const depth = new Int32Array(room);
  const isEnd = new Uint8Array(room);
  let size = 1;

  function add(parent: number, byte: number): number {
    const state = size++;
    byteOf[state] = byte;
    depth[state] = (depth[parent] ?? 0) + 1;
    if (parent === 0) root[byte] = state;
    else {
      sibling[state] = child[parent] ?? 0;
      child[parent] = state;
    }
    return state;
  }

  function find(parent: number, byte: number): number {
    if (parent === 0) return root[byte] ?? 0;
    let state = child[parent] ?? 0;
    while (state !== 0 && byteOf[state] !== byte) state = sibling[state] ?? 0;
    return state;
  }

  for (const needle of needles) {
    let state = 0;
    for (const byte of needle) state = find(state, byte) || add(state, byte);
    isEnd[state] = 1;
  }
  return { root, child, sibling, byteOf, depth, isEnd, size };
}
