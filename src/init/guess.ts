import type { Guess } from "./draft.ts";
import { wordsOf } from "./words.ts";

const READ = new Set(
  `list ls get show status log logs diff info view describe search find grep cat count stat stats inspect top history
  explain version ping query which who tree blame ps df du whoami outdated`.split(/\s+/),
);

const DESTRUCTIVE = new Set(
  `delete rm rmi remove destroy clean clear drop prune purge reset uninstall wipe erase kill kick revoke nuke teardown down
  distclean mrproper clobber shutdown truncate drain evict unpublish`.split(/\s+/),
);

/** What a name lets one think that a command does. Reading is believed of the first word only. */
export function effectOf(name: string): Guess {
  const words = wordsOf(name);
  const harmful = words.find((word) => DESTRUCTIVE.has(word));
  if (harmful !== undefined) return { effect: "destructive", from: `the word "${harmful}"` };
  const [first = ""] = words;
  return READ.has(first) ? { effect: "read", from: `the word "${first}"` } : { effect: "write", from: "its name" };
}

/** Whether a value of this name is likely a secret, which has no place on a command line. */
export function isSecretWord(name: string): boolean {
  const words = wordsOf(name);
  return /pass(?:word|phrase|wd)|secret|token|credential|api_?key|private_?key/i.test(words.join("_"));
}
