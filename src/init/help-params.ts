import { type DraftParam, type Value, literal } from "./draft.ts";
import { isSecretWord } from "./guess.ts";
import type { HelpOption } from "./help-text.ts";
import { isAboutCode } from "./launchers.ts";
import { sentence, wordsOf } from "./words.ts";

type Schema = { readonly [word: string]: Value | undefined };

/** Why an option is not offered to a model; empty where it is. */
export function reasonAgainst({ option, value, text }: HelpOption): string {
  const name = option.replace(/^-+/, "");
  if (ABOUT_ITSELF.test(name)) return TELLS;
  if (/^(?:interactive|confirmation|watch|tty)$/.test(name) || (name === "follow" && /log|output|stream/i.test(text)))
    return "waits for somebody";
  if (isSecretWord(name) || isSecretWord(value))
    return "is a secret, which every process could read on the command line";
  const isChoosing =
    value === ""
      ? wordsOf(name).some((word) => RUNS.has(word)) && !name.startsWith("no-")
      : wordsOf(name).some((word) => CHOOSES.has(word)) ||
        CONFIGURES.test(name) ||
        /\bbin(?:ary)?\b/i.test(value) ||
        isAboutCode(`${value} ${text}`);
  return isChoosing ? "would let a model choose what is run" : "";
}

/** The reason of what nobody misses. */
export const TELLS = "tells about the program";

const ABOUT_ITSELF = /^(?:h|help|V|version|usage|man|licen[cs]e|completion\b.*)$/;
const RUNS = new Set(["eval", "exec", "execute", "privileged", "shell"]);
const CONFIGURES = /(?:^|-)(?:config|configuration|config-file|rcfile)$/;
const CHOOSES = new Set(
  `command cmd extcmd prog program exec execute executable script pager shell hook hooks editor pack plugin eval require import loader
  preprocessor pre preload privileged template wrapper engine provider library
  strategy rsh askpass helper viewer browser difftool`.split(/\s+/),
);

/** The parameter of an option, and what of it is a guess. */
export function optionParam({ option, value, isJoined, text }: HelpOption, name: string): DraftParam {
  const described = { description: literal(sentence(text) || `The option \`${option}\`.`) };
  if (value === "" || value === "false" || value === "bool")
    return { name, schema: { type: "boolean", flag: option, ...described } };
  const flag = isJoined ? `${option}=` : option;
  const choices = choicesOf(value, text);
  if (choices) return { name, schema: { type: "string", enum: choices, flag, ...described } };
  const { schema, from } = valueSchema(value);
  return { name, schema: { ...schema, flag, ...described }, review: from };
}

/** `{a,b}`, `(a|b)` and `<a|b>`, and the ways in which clap and argparse tell the values. */
function choicesOf(value: string, text: string): readonly string[] | undefined {
  if (value === "true") return ["true", "false"];
  const listed =
    /^[{(<]?([\w.+-]+(?:[,|][\w.+-]+)+)[})>]?$/.exec(value)?.[1] ?? /\[possible values: ([\w., +-]+)\]/.exec(text)?.[1];
  const words = listed?.split(/[,|]\s*/).map((word) => word.trim()) ?? [];
  const isValues =
    words.length > 1 && words.every((word) => /^[a-z0-9][\w.+-]*$/.test(word)) && !words.every((word) => isPath(word));
  return isValues ? [...new Set(words)] : undefined;
}

/** What a word such as FILE or NUM lets one think of a value. */
export function valueSchema(written: string): { readonly schema: Schema; readonly from: string | undefined } {
  const word = written.replaceAll(/[<>[\]{}'".]/g, "").trim();
  const from = word === "" ? undefined : `the type is guessed from ${JSON.stringify(word)}`;
  if (/^(?:n|num(?:ber)?|count|u?int(?:eger)?\d*|depth|lines?|port|blocks|secs?|seconds|\d+)$/i.test(word))
    return { schema: { type: "integer" }, from };
  if (/^float\d*$/i.test(word)) return { schema: { type: "number" }, from };
  if (isPath(word)) return { schema: { type: "path" }, from };
  if (/^(?:strings|stringArray|stringSlice|list)$/.test(word) || written === "[]")
    return { schema: { type: "array", items: { type: "string", maxLength: 1000 } }, from };
  return { schema: { type: "string", maxLength: 1000 }, from: undefined };
}

function isPath(word: string): boolean {
  return /^(?:(?:in|out|input|output|log|archive|source|target)[-_ ]?)?(?:file(?:name)?s?|path(?:spec)?s?|dir(?:ectory)?|folder|archive|infile|outfile)$/i.test(
    word,
  );
}
