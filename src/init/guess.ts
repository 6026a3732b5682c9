import type { Guess } from "./draft.ts";
import type { HelpOption } from "./help-text.ts";
import { wordsOf } from "./words.ts";

/** Without `get`, `version`, `query` and `history`, which change something in many a program. */
const READ = new Set(
  `list ls show status log logs diff info view describe search find grep cat count stat stats inspect top
  explain ping which who tree blame ps df du whoami outdated`.split(/\s+/),
);

/** What a name does besides, as in `show-update` and `list_fix`; and options, such as `--fix`. */
const ACTS = new Set(
  `add apply append attach build bump change commit copy create deploy disable download edit enable exec fetch fix force format
  generate import init insert install login make merge migrate modify move mv overwrite patch publish pull push put rebuild record
  refresh register release rename repair replace restart restore rewrite rotate run save send set start stop store submit sync tag
  trigger update upgrade upload write`.split(/\s+/),
);

const DESTRUCTIVE = new Set(
  `delete rm rmi remove destroy clean clear drop prune purge reset uninstall wipe erase kill kick revoke nuke teardown down
  distclean mrproper clobber shutdown truncate drain evict unpublish rollback unlink dd shred mkfs mkswap wipefs fdisk blkdiscard`.split(
    /\s+/,
  ),
);

/**
 * What a name lets one think that a command does. Reading is believed of the first word only, and where neither another word nor an
 * option speaks of writing.
 */
export function effectOf(name: string, options: readonly HelpOption[] = []): Guess {
  const words = wordsOf(name);
  const harmful = words.find((word) => DESTRUCTIVE.has(word));
  if (harmful !== undefined) return { effect: "destructive", from: `the word "${harmful}"` };
  const [first = "", ...more] = words;
  if (!READ.has(first)) return { effect: "write", from: "its name" };
  const acting = more.find((word) => ACTS.has(word));
  const writing = options.find(isWriting);
  if (acting !== undefined) return { effect: "write", from: `the word "${acting}"` };
  return writing
    ? { effect: "write", from: `its option ${writing.option}` }
    : { effect: "read", from: `the word "${first}"` };
}

const CHANGES = /^--(?:in-place|(?:apply|delete|fix|overwrite|remove|save|write)-)/;

function isWriting({ option, value, text }: HelpOption): boolean {
  const words = wordsOf(option);
  const [first = "", ...more] = words;
  if (CHANGES.test(option) || (more.length === 0 && (ACTS.has(first) || DESTRUCTIVE.has(first)))) return true;
  const isOutput = words.some((word) => /^(?:o|out|output|outfile|dump)$/.test(word));
  return isOutput && value !== "" && /file|path|dir/i.test(`${value} ${text}`);
}

/** Whether a value of this name is likely a secret, which has no place on a command line. */
export function isSecretWord(name: string): boolean {
  const words = wordsOf(name);
  return /pass(?:word|phrase|wd)|secret|token|credential|api_?key|private_?key/i.test(words.join("_"));
}
