/** One finding about a catalogue file. Problems are collected, never thrown. Lines and columns count from 1, in UTF-16 units. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** One of `RULES`, or of those of `mcpfier lint`. */
  readonly rule: string;
  readonly message: string;
  /** What to do about it, as one sentence; empty when the message says it all. */
  readonly hint: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** One past the last marked column, on the same line. */
  readonly endColumn: number;
  /** The line of the file that is marked. */
  readonly snippet: string;
}

/** Every rule id, with what it stands for. `docs/rules.md` shows this table, and a test keeps the two equal. */
export const RULES = {
  "file-unreadable": "the file is missing, not a regular file, too large or not readable",
  "file-writable": "anybody on this machine may change the file (warning)",
  encoding: "the file is not UTF-8",
  syntax: "the text is not YAML",
  indentation: "a line between brackets or quotes that stands no deeper than its key (warning)",
  "empty-file": "the file holds no catalogue, or more than one document",
  "duplicate-key": "a key stands twice in one mapping",
  "bad-key": "a key is not plain text, or is a merge key",
  "unknown-tag": "a YAML tag other than those of the core schema",
  "alias-bomb": "more than 100 alias expansions, or an alias that contains itself",
  "unsafe-number": "a number that would be rounded or rewritten; quote it to keep its text",
  "unset-variable": "a `${NAME}` whose variable is not set, or that is not written in a form that is known",
  "unknown-key": "a key that the language does not have",
  "missing-key": "a key that must be there",
  "wrong-type": "a value of another kind than the key takes",
  "bad-value": "a value that the key does not take",
  "not-supported": "a key of the language that this version does not carry out yet",
  include: "an included file is missing, stands in a circle, or sets what only the main file may set",
  "duplicate-name": "two commands have one name, or names that differ only in case",
  "run-missing": "a command has neither `run` nor `script`, or both",
  "run-shell-text": "shell syntax in a `run` that is not a shell script",
  "shell-placeholder": "a placeholder inside the text of a shell script",
  placeholder: "a placeholder that is not closed or does not hold one name",
  "unknown-parameter": "a placeholder or a test names a parameter that the command does not have",
  "unused-parameter": "a parameter that nothing mentions (warning)",
  "array-in-text": "an array inside text, without `join`",
  "option-name": "a placeholder that could choose or finish the name of an option",
  "program-placeholder": "a placeholder in the place of the program",
  "flags-place": "`flag` without a `${{ flags }}` place, or that place twice or inside text",
  group: "an optional group that could never vanish, or that would repeat over two arrays",
  "bare-placeholder": "a value of the model could arrive as an option, and is refused then (warning)",
  "leading-dash": "only `leading_dash: allow` lets a value arrive as an option (warning)",
  "path-place": "`type: path` or `within` in a place where no path is checked",
  "env-placeholder": "a parameter would decide an environment variable that decides which code runs",
  "cwd-placeholder": "a parameter that is not a path would decide the working directory",
  "schema-invalid": "a parameter's schema that no value can be checked against",
  "regex-unsupported": "a pattern that the linear-time engine (RE2) does not take",
  "bad-default": "a default that its own schema refuses",
  condition: "a `when` or `constraints` that is not a CEL condition",
  ask: "a parameter under `ask` that is secret, or that no form can show",
  retry: "a `retry` of a command that may not run twice",
  cache: "a `cache` of a command that changes something",
  needs: "`needs` names a command that is not there, requires arguments, or needs this one in turn",
  "never-reached": "a bound that never counts, because another one always comes first (warning)",
  "container-engine": "an engine that is spoken to over the network without TLS (warning)",
  "container-mount": "a mount that is not `FROM:TO`, or that a value could turn into another one",
  "container-path": "a path of the host that the container does not see, as no mount holds it",
  "container-unsafe": "a container that could take over the host without `allow_unsafe`; with it, a warning",
  "container-warm": "`warm` for a command whose container depends on its arguments",
  resource: "a resource that is nothing or two things, or whose address another one has or does not fit its parameters",
  prompt: "a prompt without messages or with two kinds of them, or a name that two prompts have",
  "command-use":
    "a prompt or resource uses a command that is not there, changes something, or gets the wrong arguments",
  icon: "an `icons` that names no small PNG, JPEG, WebP or SVG, and no URL of https",
  invisible: "a text that clients are shown holds characters that nobody sees; they are left out (warning)",
  "invisible-value":
    'a value, a pattern or a key of a schema that clients are shown is written with characters that nobody sees; an escape in double quotes (`"\\u200B"`) is allowed, because whoever reads the file sees it',
  webhook: "a `webhook` that could not be sent as it is written, or that a value could turn into another one",
  "missing-description": "a command without a description (warning)",
  "program-missing": "the program is not on PATH (warning)",
  "name-clash": "a command or parameter that the command line reaches only by a longer way (warning)",
  legacy: "a spelling of the original MCPFier, which has another today or is read and not used (warning)",
  permission: "a permission of an API key that matches no command (warning)",
} as const;

export type Rule = keyof typeof RULES;

export function isError(problem: Problem): boolean {
  return problem.severity === "error";
}
