/**
 * Programs that only read, and whose operands and options never become code, names of variables or files that are written; with the
 * options that may stand beside a value, where not all may.
 */
export const PLAIN_PROGRAMS: ReadonlyMap<string, RegExp> = new Map([
  ..."basename cat cksum cmp comm cut df diff dig dirname du echo egrep fgrep fold getent grep groups head hexdump host id ls md5sum nl od pgrep ping ping6 pwd readlink realpath rev sha1sum sha256sum sha512sum sleep stat strings tac tail tr wc whois"
    .split(" ")
    .map((name) => [name, /^-/] as const),
  // It compiles what `-C` is about, and writes that.
  ["file", /^-[bhikLNprsz0]+$/],
  // Its other actions run programs, delete, and write.
  [
    "find",
    /^-(?:[HLPoa]|i?(?:name|path|regex)|type|size|[acm](?:time|min)|a?newer|maxdepth|mindepth|empty|user|group|perm|not|and|or|print0?|ls)$/,
  ],
  // It writes what `-o` names, and runs what `--compress-program` names.
  ["sort", /^-(?:[bcdfghimMnrRuV]+|k[\d.,bdfginrR]+)$/],
  // Its long options name programs that it runs.
  ["rg", /^-\w+$/],
]);

/** What is written to them is data, while their arguments are more than that; with the words that may be among these. */
export const FILTERS: ReadonlyMap<string, RegExp> = new Map([
  ["jq", /^(?:-[aceMnrRsS]+$|[^-])/],
  // The second file that it names is written.
  ["uniq", /^-[cdiu]+$/],
]);

/** Words that are a shell's own: no program has these names, or it does something else. */
export const SHELL_WORDS: ReadonlySet<string> = new Set(
  `. : [ [[ alias bg bind break builtin case caller cd command compgen complete coproc continue declare dirs disown do done elif else
  enable esac eval exec exit export fc fg fi for function getopts hash help history if in jobs let local logout mapfile popd pushd
  read readarray readonly return select set shift shopt source suspend test then time times trap type typeset ulimit umask unalias
  unset until wait while`.split(/\s+/),
);
