import { execFile } from "node:child_process";
import { basename } from "node:path";
import type { Draft, DraftCommand, DraftParam } from "./draft.ts";
import { literal } from "./draft.ts";
import { effectOf } from "./guess.ts";
import { TELLS, optionParam, reasonAgainst } from "./help-params.ts";
import { type HelpText, parseHelp } from "./help-text.ts";
import { positionalsOf } from "./help-usage.ts";
import type { Refused, Setting } from "./importer.ts";
import { isLauncher } from "./launchers.ts";
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
  if (isLauncher(words))
    return { refused: `\`${words.join(" ")}\` runs what its arguments tell it to; write its commands by hand` };
  const text = await helpOf(words, setting.path);
  if (text === undefined) return { refused: `\`${words.join(" ")} --help\` could not be run: is it installed?` };
  const help = parseHelp(text);
  const subcommands = help.subcommands
    .filter(({ name }) => !/^(?:help|completions?)$/.test(name))
    .slice(0, MOST_SUBCOMMANDS);
  const below = await inTurns(subcommands, async ({ name }) => helpOf([...words, name], setting.path));
  const label = words.join(" ");
  if (below.length > 0 && below.every((each) => each === text))
    return {
      refused: `\`${label} ${subcommands[0]?.name ?? ""} --help\` says the same as \`${label} --help\`, and so do its other subcommands: what they take is not told`,
    };
  const parts = subcommands.map(({ name, text: told }, index) => ({
    isSilent: below[index] === text,
    words: [...words, name],
    told,
    help: parseHelp(below[index] ?? ""),
  }));
  const asked = new Set(subcommands.map(({ name }) => name));
  const left = help.subcommands.map(({ name }) => name).filter((name) => !asked.has(name));
  return draftOf({ words, help, parts, left }, setting);
}

interface Read {
  readonly words: readonly string[];
  readonly help: HelpText;
  readonly parts: readonly Part[];
  /** The subcommands that were not asked. */
  readonly left: readonly string[];
}

interface Part {
  readonly words: readonly string[];
  /** What the list of subcommands says of it. */
  readonly told: string;
  readonly help: HelpText;
  /** Whether it says of itself only what the program says of all. */
  readonly isSilent: boolean;
}

function draftOf({ words, help, parts, left }: Read, { reserved }: Setting): Draft | Refused {
  const names = commandNames(reserved.verbs);
  const label = words.join(" ");
  const isGroup = parts.length > 0;
  const made = (isGroup ? parts : [{ words, told: "", help, isSilent: false }]).map((part) =>
    commandOf(part, names, reserved.options),
  );
  const commands = made.flatMap(({ command }) => command ?? []);
  const notes = made.flatMap((each) => each.notes);
  if (commands.length === 0) return { refused: oneLine(notes.join("; "), 1000) };
  const before = isGroup ? help.options.map(({ option }) => option) : [];
  return {
    name: literal(basename(words[0] ?? "")),
    commands,
    notes: [
      ...notes,
      ...(before.length > 0 ? [`${label}: its options before the subcommand: ${before.join(", ")}`] : []),
      ...(left.length > 0
        ? [
            `${label}: ${left.length} more subcommands, ${some(left, 100)}; import one by \`--from "${label} NAME --help"\``,
          ]
        : []),
    ],
  };
}

interface Made {
  readonly command?: DraftCommand;
  readonly notes: readonly string[];
}

function commandOf(part: Part, names: Names, taken: readonly string[]): Made {
  const { words, told, help } = part;
  const label = words.join(" ");
  const own = paramNames(taken);
  const options = help.options.map((option) => ({ option, why: reasonAgainst(option) }));
  const offered = options.filter(({ why }) => why === "");
  const flags: readonly DraftParam[] = offered.map(({ option }) =>
    optionParam(option, own.take(option.option.replace(/^-+/, ""))),
  );
  const operands = reasonAgainstAll(part) || positionalsOf(help, words, own);
  if (typeof operands === "string") return { notes: [`${label}: ${operands}`] };
  const { params, run, strange } = operands;
  const effect = effectOf(
    basename(words.at(-1) ?? ""),
    offered.map(({ option }) => option),
  );
  const command: DraftCommand = {
    name: names.take(words.map((word) => basename(word)).join("_")),
    review: reviewOf(
      help,
      offered.map(({ option }) => option.option),
    ),
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
  const left = options.filter(({ why }) => why !== "").map(({ option, why }) => ({ option: option.option, why }));
  const unread = [...help.strange, ...strange].map((line) => `\`${oneLine(line, 60)}\``);
  return {
    command,
    notes: [
      ...notesOn(label, left),
      ...(unread.length > 0 ? [`${label}: not understood: ${some(unread, MOST_UNREAD)}`] : []),
    ],
  };
}

const MOST_UNREAD = 8;

function some(all: readonly string[], most: number): string {
  const rest = all.length - most;
  return all.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** Why nothing of a command is brought over; empty where something is. */
function reasonAgainstAll({ words, told, isSilent: isMute, help: { usage, options, subcommands } }: Part): string {
  if (isLauncher(words)) return "it runs what its arguments tell it to";
  if (options.some(({ option }) => /^--(?:entrypoint|privileged)$/.test(option)))
    return "its options would let a model choose what is run, and with which rights";
  if (isMute) return `its \`--help\` is that of \`${words.slice(0, -1).join(" ")}\`: what it takes is not told`;
  if (subcommands.length > 0)
    return `it has subcommands of its own (${some(
      subcommands.map(({ name }) => name),
      20,
    )}); import it by \`--from "${words.join(" ")} --help"\``;
  const bare = words.map((word) => basename(word)).join(" ");
  const saysNothing = usage.length === 0 || (told === "" && usage[0] === bare);
  return saysNothing && options.length === 0 ? "nothing of its help is understood" : "";
}

function reviewOf({ usage, modes }: HelpText, offered: readonly string[]): readonly string[] {
  const needed = modes.filter((mode) => offered.includes(mode));
  return [
    ...(usage.length > 1 ? [`it has several forms: ${oneLine(usage.join(" | "), 400)}`] : []),
    ...(needed.length > 0
      ? [`it does nothing without one of ${needed.join(", ")}: write the one that is meant into \`run\`.`]
      : []),
    ...(offered.length > 30 ? [`${offered.length} options are many; leave those that a model needs.`] : []),
  ];
}

function notesOn(label: string, left: readonly { readonly option: string; readonly why: string }[]): readonly string[] {
  const reasons = [...new Set(left.map(({ why }) => why))].filter((why) => why !== TELLS);
  return reasons.map((why) => {
    const options = left.filter((each) => each.why === why).map(({ option }) => option);
    return `${label}: ${options.join(", ")} ${why}`;
  });
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
