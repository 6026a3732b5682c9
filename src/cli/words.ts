/** Words of the command line that hide a command or a parameter of the same name. */
export const VERBS = [
  "serve",
  "run",
  "validate",
  "lint",
  "explain",
  "dry-run",
  "test",
  "list",
  "migrate",
  "images",
  "doctor",
  "completion",
  "analytics",
  "setup",
  "init",
  "clients",
  "help",
  "__complete",
] as const;

/** Options that `mcpfier run` reads itself, as parameters would be named. */
const OPTIONS = [
  "config",
  "workspace",
  "color",
  "log_level",
  "json",
  "args",
  "dry_run",
  "yes",
  "help",
  "version",
] as const;

export const RESERVED = { verbs: VERBS, options: OPTIONS } as const;

const GLOBAL_WITH_VALUE = new Set(["-c", "--config", "--workspace", "--color", "--log-level"]);
const SPELLINGS: Readonly<Record<string, readonly [verb: (typeof VERBS)[number], ...options: string[]]>> = {
  "--validate": ["validate"],
  "--dry-run": ["dry-run"],
  "--mcp": ["serve"],
  "--server": ["serve", "--server"],
  "--analytics": ["analytics"],
  "--setup": ["setup"],
};

/** Verbs in the original's spelling. */
export const VERB_OPTIONS = Object.keys(SPELLINGS);

/**
 * Puts the verb first: the original's options are verbs in its spelling, a word that is no verb is a command to run, and no word
 * at all means to serve. Help and version are left to the parser.
 */
export function withVerb(argv: readonly string[]): readonly string[] {
  const at = verbIndex(argv);
  const word = argv[at];
  const others = [...argv.slice(0, at), ...argv.slice(at + 1)];
  if (word === undefined) return ["serve", ...argv];
  if (Object.hasOwn(SPELLINGS, word)) return [...(SPELLINGS[word] ?? []), ...others];
  if (VERBS.some((verb) => verb === word)) return [word, ...others];
  return word.startsWith("-") ? argv : ["run", ...argv.slice(0, at), ...argv.slice(at)];
}

function verbIndex(argv: readonly string[]): number {
  let at = 0;
  while (at < argv.length && isGlobal(argv[at] ?? "")) at += GLOBAL_WITH_VALUE.has(argv[at] ?? "") ? 2 : 1;
  return at;
}

function isGlobal(word: string): boolean {
  return GLOBAL_WITH_VALUE.has(word) || /^(?:-c.|--(?:config|workspace|color|log-level)=)/.test(word);
}
