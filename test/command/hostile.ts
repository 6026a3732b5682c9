// Strings that have broken out of somebody's command line, and generators of more of their kind.
import fc from "fast-check";

/** Payloads of the advisories in security.md, by what they attack. */
export const SHELL_PAYLOADS: readonly string[] = [
  "; touch CANARY",
  "&& touch CANARY",
  "|| touch CANARY",
  "| touch CANARY",
  "& touch CANARY &",
  "$(touch CANARY)",
  "`touch CANARY`",
  "${IFS}touch${IFS}CANARY",
  "$((`touch CANARY`))",
  "\ntouch CANARY\n",
  "\r\ntouch CANARY\r\n",
  "x\ntouch CANARY #",
  "'; touch CANARY; '",
  '"; touch CANARY; "',
  `'"\`; touch CANARY; #`,
  "\\'; touch CANARY; \\'",
  "<(touch CANARY)",
  ">(touch CANARY)",
  "> CANARY",
  ">> CANARY",
  "2> CANARY",
  "!touch CANARY",
  "() { :; }; touch CANARY",
  "$'\\x3btouch CANARY'",
  "{touch,CANARY}",
  "a[$(touch CANARY)]",
  "x=$(touch CANARY)",
  "%0atouch%20CANARY",
  "|| touch CANARY ;:",
  "*; touch CANARY",
  "~/$(touch CANARY)",
  "${x:=$(touch CANARY)}",
  "%s$(touch CANARY)%n",
  "eval touch CANARY",
  "file.txt;touch${IFS}CANARY",
  "https://example.org/?q=$(touch CANARY)",
  "foo\u2028touch CANARY",
  "; touch CANARY",
];

/** What programs would take for an option. */
export const OPTION_PAYLOADS: readonly string[] = [
  "-",
  "--",
  "-x",
  "--help",
  "--version",
  "--output=/tmp/canary",
  "--pre=/bin/sh",
  "--server=https://evil.example",
  "--upload-pack=touch canary",
  "-oProxyCommand=touch canary",
  "--compress-program=id",
  "--exec=sh",
  "-rf",
  "-e",
  "-c",
  "--checkpoint-action=exec=sh",
  "--use-askpass=/bin/sh",
  "-\n",
];

/** Text that other template or quoting layers would read again. */
export const TEMPLATE_PAYLOADS: readonly string[] = [
  "${{ x0 }}",
  "${{ flags }}",
  "${{ workspace }}",
  "$${",
  "${HOME}",
  "${PATH:-x}",
  "$arg_x0",
  "{{x0}}",
  "%PATH%",
  "%s%n%x",
  "\\0",
  "\\",
  "\\n",
  "'",
  '"',
  "`",
  "''",
  '""',
  " ",
  "\t",
  "\n",
  "\r",
  "  two  spaces  ",
  "*",
  "?",
  "[a-z]*",
  "~",
  "~root",
  "#",
  "# comment",
  "a=b",
  "=",
  "@/etc/passwd",
  "null",
  "undefined",
  "true",
  "\u0001\u0002\u001b[31m\u007f\u0080",
  "\ufeff",
  "\u202eevil",
  "é",
  "e\u0301",
  "𝒳😀",
  "\uffff",
  "",
];

/** One argument may be this long: MAX_ARG_STRLEN without the closing NUL. */
export const LONGEST = 131_071;

const NASTY_CHARACTERS = fc.constantFrom(
  ...Array.from(`-'"\`$(){}[]<>|&;*?!#~=\\/%@,: \t\n\r\u0001\u001b\u007f\u0085\u2028é漢😀ax0`),
);

const character = fc.oneof(
  { weight: 6, arbitrary: NASTY_CHARACTERS },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 1, unit: "binary" }) },
);

const mixed = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SHELL_PAYLOADS) },
  { weight: 2, arbitrary: fc.constantFrom(...OPTION_PAYLOADS) },
  { weight: 3, arbitrary: fc.constantFrom(...TEMPLATE_PAYLOADS) },
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 24 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 24 }) },
);

/** Text that a program can be given: no NUL, well-formed. */
export const passable = mixed.map((text) => text.replaceAll("\0", "").toWellFormed());

/** Any text that JSON can say; a small share cannot be given to a program. */
export const anyText = fc.oneof(
  { weight: 60, arbitrary: passable },
  {
    weight: 1,
    arbitrary: fc.tuple(passable, fc.constantFrom("\0", "\ud800", "\udfff"), passable).map((parts) => parts.join("")),
  },
);

/** Texts around the length that the system passes on, of one to four bytes a character. */
export const longText = fc
  .record({
    start: fc.constantFrom("", "a", "$(", "'", "\n"),
    unit: fc.constantFrom("a", "'", "é", "漢", "😀", "$("),
    bytes: fc.integer({ min: LONGEST - 40, max: LONGEST + 6 }),
  })
  .map(({ start, unit, bytes }) => start + unit.repeat(Math.floor(bytes / Buffer.byteLength(unit))));

/** JSON as YAML text; what YAML does not take as it is stands escaped. */
export function yamlOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Runs an action over all items, some at once. */
export async function each<T>(items: readonly T[], atOnce: number, action: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await action(item);
    }),
  );
}

/** Reports the first fault with its seed; the batch that it was found in would fill pages. */
export function told<T>({ failed, seed, counterexamplePath, errorInstance }: fc.RunDetails<T>): void {
  if (failed) throw new Error(`seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
}
