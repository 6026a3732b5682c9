import type { Range } from "./source.ts";

export interface Word extends Range {
  readonly text: string;
}

export interface ShellText extends Range {
  readonly what: string;
}

/** Characters that a shell would act on, outside of quotes; here they would reach the program as text. */
const SHELL = /^(?:\|\|?|&&?|>>?|<<?|;|\$\(|\$[A-Za-z_]|`|[*?[\]~(){}\n])/;

/**
 * Splits one line by spaces, with single and double quotes and backslashes read as a POSIX shell reads them; `${...}` places are
 * kept whole. Offsets count from the start of the text. What only a shell could carry out is told, not split.
 */
export function splitWords(text: string): {
  readonly words: readonly Word[];
  readonly shell: readonly ShellText[];
  readonly unclosed: boolean;
} {
  const words: Word[] = [];
  const shell: ShellText[] = [];
  let word: { start: number; text: string } | undefined;
  let at = 0;
  let unclosed = false;
  const take = (piece: string, length: number): void => {
    word ??= { start: at, text: "" };
    word.text += piece;
    at += length;
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const place = /^(?:\$\$\{|\$\{\{[\s\S]*?\}\}|\$\{[^}]*\})/.exec(rest)?.[0];
    const quoted = /^(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)")/.exec(rest);
    const special = SHELL.exec(rest)?.[0];
    if (place !== undefined) take(place, place.length);
    else if (quoted) take(quoted[1] ?? (quoted[2] ?? "").replace(/\\(["\\$`])/g, "$1"), quoted[0].length);
    else if (/^['"]/.test(rest)) {
      unclosed = true;
      break;
    } else if (/^\\[\s\S]/.test(rest)) take(rest.slice(1, 2), 2);
    else if (/^[ \t]/.test(rest)) {
      if (word) words.push({ ...word, end: at });
      word = undefined;
      at += 1;
    } else {
      if (special !== undefined) shell.push({ what: special, start: at, end: at + special.length });
      take(special ?? rest.slice(0, 1), special?.length ?? 1);
    }
  }
  if (word) words.push({ ...word, end: at });
  return { words, shell, unclosed };
}
