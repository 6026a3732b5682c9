import type { Range } from "./source.ts";

export interface Word extends Range {
  readonly text: string;
}

export interface ShellText extends Range {
  readonly what: string;
}

/** Characters that a shell would act on, outside of quotes; here they would reach the program as text. */
const SHELL = /^(?:\|\|?|&&?|>>?|<<?|;|\$\(|\$\w+|`|[*?[\]~(){}\n])/;

/**
 * Splits one line by spaces, with single and double quotes and backslashes read as a POSIX shell reads them; `${...}` places are
 * kept whole. Offsets count from the start of the text. What only a shell could carry out is told, not split.
 */
export function splitWords(text: string): Split {
  const words: Word[] = [];
  const shell: ShellText[] = [];
  let word: Word | undefined;
  for (let at = 0; at < text.length;) {
    const { kind, value, length } = nextPiece(text.slice(at));
    if (kind === "unclosed") return { words, shell, unclosed: true };
    const end = at + length;
    if (kind === "shell") shell.push({ what: value, start: at, end });
    if (kind === "space") {
      if (word) words.push(word);
      word = undefined;
    } else {
      word = { text: (word?.text ?? "") + value, start: word?.start ?? at, end };
    }
    at = end;
  }
  if (word) words.push(word);
  return { words, shell, unclosed: false };
}

interface Split {
  readonly words: readonly Word[];
  readonly shell: readonly ShellText[];
  readonly unclosed: boolean;
}

interface Piece {
  readonly kind: "text" | "space" | "shell" | "unclosed";
  readonly value: string;
  readonly length: number;
}

function nextPiece(rest: string): Piece {
  const place = /^(?:\$\$\{[^}]*\}?|\$\{\{[\s\S]*?\}\}|\$\{[^}]*\})/.exec(rest)?.[0];
  if (place !== undefined) return { kind: "text", value: place, length: place.length };
  const [whole, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)")/.exec(rest) ?? [];
  if (whole !== undefined) {
    const value = single ?? (double ?? "").replace(/\\(["\\$`])/g, "$1");
    return { kind: "text", value, length: whole.length };
  }
  if (/^['"]/.test(rest)) return { kind: "unclosed", value: rest, length: rest.length };
  if (/^\\[\s\S]/.test(rest)) return { kind: "text", value: rest.slice(1, 2), length: 2 };
  if (/^[ \t]/.test(rest)) return { kind: "space", value: "", length: 1 };
  const special = SHELL.exec(rest)?.[0];
  if (special !== undefined) return { kind: "shell", value: special, length: special.length };
  return { kind: "text", value: rest.slice(0, 1), length: 1 };
}
