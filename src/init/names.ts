/** Gives names that a catalogue takes, each once. */
export interface Names {
  take(wanted: string): string;
}

/** For commands, which case does not tell apart: `taken` are the words that the command line keeps for itself. */
export function commandNames(taken: readonly string[]): Names {
  return createNames(
    taken,
    (name) => (/^mcpfier_/i.test(name) ? `the_${name}` : name),
    (name) => name.toLowerCase(),
  );
}

/** For the parameters of one command. */
export function paramNames(taken: readonly string[]): Names {
  const own = ["flags", "workspace", "call_id", "__proto__", ...taken];
  return createNames(
    own,
    (name) => (/^\d/.test(name) ? `_${name}` : name),
    (name) => name,
  );
}

const MOST = 64;

/** `key` is what two names may not share. */
function createNames(taken: readonly string[], fit: (name: string) => string, key: (name: string) => string): Names {
  const used = new Set(taken.map((name) => key(name)));
  return {
    take: (wanted) => {
      const plain = wanted
        .replaceAll(/[^A-Za-z0-9_]+/g, "_")
        .replaceAll(/_{2,}/g, "_")
        .replaceAll(/^_|_$/g, "");
      const base = fit(plain === "" ? "unnamed" : plain).slice(0, MOST);
      let name = base;
      for (let count = 2; used.has(key(name)); count++) {
        const end = `_${count}`;
        name = base.slice(0, MOST - end.length) + end;
      }
      used.add(key(name));
      return name;
    },
  };
}
