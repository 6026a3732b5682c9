import { execFile } from "node:child_process";
import { basename } from "node:path";
import type { Draft, DraftCommand, DraftParam } from "./draft.ts";
import { literal } from "./draft.ts";
import { effectOf } from "./guess.ts";
import { TELLS, optionParam, reasonAgainst } from "./help-params.ts";
import { type HelpText, parseHelp } from "./help-text.ts";
import { positionalsOf } from "./help-usage.ts";
import type { Refused, Setting } from "./importer.ts";
import { type Names, commandNames, paramNames } from "./names.ts";
import { confirmFor } from "./runner.ts";
import { oneLine, sentence } from "./words.ts";

const LIMIT_MS = 5000;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_SUBCOMMANDS = 60;
const AT_ONCE = 4;

/** A catalogue of a program's command line, from what it says of itself. It is run with nothing but `--help`, once for each subcommand. */
export async function draftOfHelp(words: readonly string[], setting: Setting): Promise<Draft | Refused> {
  const odd = words.find((word) => !/^[\w./][\w.+:/-]*$/.test(word));
  if (words.length === 0 || odd !== undefined)
    return {
      refused: `expected a program and its subcommands, such as \`help:git log\`, came \`${oneLine(odd ?? "", 60)}\``,
    };
  const text = await helpOf(words, setting.path);
  if (text === undefined) return { refused: `\`${words.join(" ")} --help\` could not be run: is it installed?` };
  const help = parseHelp(text);
  const subcommands = help.subcommands
    .filter(({ name }) => !/^(?:help|completions?)$/.test(name))
    .slice(0, MOST_SUBCOMMANDS);
  const below = await inTurns(subcommands, async ({ name }) => helpOf([...words, name], setting.path));
  const parts = subcommands.map(({ name, text: told }, index) => ({
    words: [...words, name],
    told,
    help: parseHelp(below[index] ?? ""),
  }));
  return draftOf({ words, help, parts, left: help.subcommands.length - subcommands.length }, setting);
}

interface Read {
  readonly words: readonly string[];
  readonly help: HelpText;
  readonly parts: readonly Part[];
  /** How many subcommands were not asked. */
  readonly left: number;
}

interface Part {
  readonly words: readonly string[];
  /** What the list of subcommands says of it. */
  readonly told: string;
  readonly help: HelpText;
}

function draftOf({ words, help, parts, left }: Read, { reserved }: Setting): Draft | Refused {
  const names = commandNames(reserved.verbs);
  const label = words.join(" ");
  if (parts.length === 0) {
    if (help.options.length === 0 && help.usage.length === 0)
      return { refused: `\`${label} --help\` says nothing that is understood` };
    const { command, notes } = commandOf({ words, told: "", help }, names, reserved.options);
    return { name: literal(basename(words[0] ?? "")), commands: [command], notes };
  }
  const made = parts.map((part) => commandOf(part, names, reserved.options));
  const before = help.options.map(({ option }) => option);
  return {
    name: literal(basename(words[0] ?? "")),
    commands: made.map(({ command }) => command),
    notes: [
      ...made.flatMap(({ notes }) => notes),
      ...(before.length > 0 ? [`${label}: its options before the subcommand: ${before.join(", ")}`] : []),
      ...(left > 0
        ? [
            `${label}: ${left} more subcommands, among them those that help; import one by \`--from "${label} NAME --help"\``,
          ]
        : []),
    ],
  };
}

function commandOf(
  { words, told, help }: Part,
  names: Names,
  taken: readonly string[],
): { command: DraftCommand; notes: readonly string[] } {
  const label = words.join(" ");
  const own = paramNames(taken);
  const options = help.options.map((option) => ({ option, why: reasonAgainst(option) }));
  const offered = options.filter(({ why }) => why === "");
  const flags: readonly DraftParam[] = offered.map(({ option }) =>
    optionParam(option, own.take(option.option.replace(/^-+/, ""))),
  );
  const { params, run } = positionalsOf(help.usage, words, own);
  const effect = effectOf(basename(words.at(-1) ?? ""));
  const command: DraftCommand = {
    name: names.take(words.map((word) => basename(word)).join("_")),
    review: reviewOf(help, flags.length),
    effect,
    detail: literal(oneLine(help.usage[0], 300) || "its help says no more of it."),
    keys: {
      description: literal(
        told === ""
          ? `Runs \`${label}\`${help.usage[0] === undefined ? "" : `: ${oneLine(help.usage[0], 300)}`}`
          : sentence(told),
      ),
      ...confirmFor(effect.effect, label),
      run: [...words.map((word) => literal(word)), ...(flags.length > 0 ? ["${{ flags }}"] : []), ...run],
    },
    params: [...flags, ...params],
  };
  return {
    command,
    notes: notesOn(
      label,
      help,
      options.filter(({ why }) => why !== "").map(({ option, why }) => ({ option: option.option, why })),
    ),
  };
}

function reviewOf({ usage, options, subcommands }: HelpText, count: number): readonly string[] {
  return [
    ...(usage.length > 1 ? [`it has several forms: ${oneLine(usage.join(" | "), 400)}`] : []),
    ...(usage.length === 0 && options.length === 0 && subcommands.length === 0
      ? ["its help was not understood, so it takes no arguments here."]
      : []),
    ...(count > 30 ? [`${count} options are many; leave those that a model needs.`] : []),
  ];
}

function notesOn(
  label: string,
  { subcommands }: HelpText,
  left: readonly { readonly option: string; readonly why: string }[],
): readonly string[] {
  const reasons = [...new Set(left.map(({ why }) => why))].filter((why) => why !== TELLS);
  const nested = subcommands.map(({ name }) => name);
  return [
    ...reasons.map(
      (why) =>
        `${label}: ${left
          .filter((each) => each.why === why)
          .map(({ option }) => option)
          .join(", ")} ${why}`,
    ),
    ...(nested.length > 0 && label.includes(" ")
      ? [
          `${label}: it has subcommands of its own (${nested.slice(0, 20).join(", ")}); import it by \`--from "${label} --help"\``,
        ]
      : []),
  ];
}

/** Git opens a manual for `--help`, and says what its subcommands take for `-h`. */
function askFor([program = "", ...more]: readonly string[]): readonly string[] {
  return [...more, /(?:^|\/)git$/.test(program) && more.length > 0 ? "-h" : "--help"];
}

/** What a program prints as its help, on either stream and whatever its exit code; undefined where it cannot be run. */
function helpOf(words: readonly string[], path: string): Promise<string | undefined> {
  const env = {
    PATH: path,
    HOME: process.env["HOME"],
    LC_ALL: "C.UTF-8",
    TERM: "dumb",
    NO_COLOR: "1",
    COLUMNS: "160",
    PAGER: "cat",
    MANPAGER: "cat",
  };
  return new Promise((resolve) => {
    const child = execFile(
      words[0] ?? "",
      askFor(words),
      { env, killSignal: "SIGKILL", maxBuffer: MOST_BYTES, windowsHide: true },
      (error, stdout, stderr) => {
        clearTimeout(timer);
        const isStarted = typeof error?.code !== "string" || error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER";
        resolve(isStarted ? (stdout.trim() === "" ? stderr : stdout) : undefined);
      },
    );
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      // What it started itself may hold them for ever.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, LIMIT_MS);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end();
  });
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
