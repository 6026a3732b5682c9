import { type Data, isMap, listOf, mapOf, textOf } from "../data.ts";
import { type Draft, type DraftCommand, type DraftParam, literal, placeOf } from "../draft.ts";
import { effectOf, isSecretWord } from "../guess.ts";
import type { Importer, SourceFile } from "../importer.ts";
import { type Names, commandNames, paramNames } from "../names.ts";
import { confirmFor, isRun, isSafe, placeFor, safeText, safeTexts } from "../runner.ts";
import { oneLine, sentence } from "../words.ts";

export const taskfile: Importer = {
  kind: "task",
  what: "the tasks of a Taskfile",
  recognises: ({ name, data }) =>
    /^taskfile(?:\.dist)?\.ya?ml$/i.test(name) ||
    (isMap(data) && isMap(data["tasks"]) && data["version"] !== undefined),
  read: (file, { reserved }) => {
    if (!isMap(file.data) || !isMap(file.data["tasks"])) {
      const included = Object.keys(mapOf(mapOf(file.data)["includes"]));
      const others = included.length > 0 ? `; import those that it includes by themselves: ${included.join(", ")}` : "";
      return { refused: file.fault || `it has no map of \`tasks\`${oneLine(others)}` };
    }
    const names = commandNames(reserved.verbs);
    const tasks = Object.entries(file.data["tasks"]).map(([name, task]) => taskOf(name, task));
    const open = tasks.filter(({ why }) => why === "");
    return {
      name: "tasks",
      commands: open.map((task) => commandOf(task, { names, file, taken: reserved.options })),
      notes: [
        ...tasks.filter(({ why }) => why !== "").map(({ name, why }) => `task \`${oneLine(name, 100)}\`: ${why}`),
        ...Object.keys(mapOf(file.data["includes"])).map(
          (name) => `includes \`${oneLine(name, 100)}\`: import that Taskfile by itself`,
        ),
      ],
    } satisfies Draft;
  },
};

interface Task {
  readonly name: string;
  readonly data: Data;
  /** Why it is left out; empty where it is not. */
  readonly why: string;
  readonly needed: readonly Needed[];
}

interface Needed {
  readonly name: string;
  readonly choices: readonly string[];
  /** What it is otherwise; empty where it is not known. */
  readonly value: string;
}

function taskOf(name: string, task: unknown): Task {
  const data = isMap(task) ? task : { cmds: task };
  const needed = listOf(mapOf(data["requires"])["vars"]).map((each) => ({
    name: textOf(isMap(each) ? each["name"] : each),
    choices: listOf(mapOf(each)["enum"]).map(textOf).filter(isSafe),
    value: "",
  }));
  return { name, data, needed, why: isTask(task) ? reasonAgainst(name, data, needed) : "it is no task" };
}

/** A map, the lines of one, or nothing, which is a task that does nothing. */
function isTask(task: unknown): boolean {
  return task === null || typeof task === "string" || typeof task === "object";
}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { win32: "windows" };
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "amd64", ia32: "386" };
const HERE = new Set([SYSTEMS[process.platform] ?? process.platform, MACHINES[process.arch] ?? process.arch]);

/** Whether Task runs it here; elsewhere it does nothing, and says that all went well. */
function isForHere(data: Data): boolean {
  const platforms = listOf(data["platforms"]).map(textOf);
  return platforms.length === 0 || platforms.some((each) => each.split("/").every((word) => HERE.has(word)));
}

function reasonAgainst(name: string, data: Data, needed: readonly Needed[]): string {
  if (data["internal"] === true) return "it is internal";
  if (!isForHere(data)) return `it is for ${oneLine(listOf(data["platforms"]).join(", "), 60)} only`;
  if (!/^[A-Za-z0-9_][\w:.+@/-]*$/.test(name)) return "its name is a pattern, or holds signs that are not passed on";
  if (needed.some((each) => isSecretWord(each.name)))
    return "it wants a secret as an argument, which every process could read";
  return needed.every((each) => /^[A-Za-z_]\w*$/.test(each.name))
    ? ""
    : "the variables that it requires are not understood";
}

interface Where {
  readonly names: Names;
  readonly file: SourceFile;
  readonly taken: readonly string[];
}

function commandOf({ name, data, needed }: Task, { names, file, taken }: Where): DraftCommand {
  const asks = data["prompt"] !== undefined;
  const effect = asks ? { effect: "destructive" as const, from: "its `prompt`" } : effectOf(name);
  const told = textOf(data["desc"]) || textOf(data["summary"]);
  const own = paramNames(taken);
  const lines = [data["cmds"], data["cmd"]].flatMap(textsIn).join("\n");
  const runs = (variable: string): boolean => isRun(String.raw`\{\{[^{}]*\.${variable}\b`, lines);
  const others = optional(data, needed, mapOf(mapOf(file.data)["vars"]));
  const variables = [...needed, ...others.filter((each) => !runs(each.name))].map((each) => ({
    each,
    param: own.take(each.name),
  }));
  const left = others.map((each) => each.name).filter(runs);
  const choosing = [...needed.map((each) => each.name), "CLI_ARGS"].filter(runs);
  const extra = JSON.stringify(data).includes(".CLI_ARGS") ? own.take("extra") : "";
  return {
    name: names.take(`task_${name}`),
    review: [
      ...reviewOf(told, variables.length > 0 || extra !== ""),
      ...(left.length > 0 ? [`it also uses ${left.join(", ")}, which a model should not choose.`] : []),
      ...(choosing.length > 0 ? [`its ${choosing.join(" and ")} seems to choose what is run.`] : []),
    ],
    effect,
    detail: literal(linesOf(data) || "the Taskfile says no more of it."),
    keys: {
      description: literal(told === "" ? `Runs the task \`${name}\` of the Taskfile.` : sentence(told)),
      ...confirmFor(effect.effect, `task ${name}`),
      run: [
        "task",
        ...(/^taskfile(?:\.dist)?\.ya?ml$/i.test(file.name) ? [] : [`--taskfile=${literal(file.name)}`]),
        ...(asks ? ["--yes"] : []),
        name,
        ...variables.map(({ each, param }) => `${each.name}=${placeOf(param)}`),
        ...(extra === "" ? [] : ["--", placeOf(extra)]),
      ],
      ...placeFor(file),
      timeout: "10m",
    },
    params: [
      ...variables.map(({ each, param }) => paramOf(each, param, needed.includes(each))),
      ...(extra === ""
        ? []
        : [{ name: extra, schema: safeTexts({ description: "Further arguments, which the task hands on." }) }]),
    ],
  };
}

/** The lines of a task that are plain text. */
function linesOf(data: Data): string {
  const lines = [data["cmds"], data["cmd"]].flat().flatMap((each) => textOf(isMap(each) ? each["cmd"] : each) || []);
  return oneLine(lines.join("; "), 200);
}

function reviewOf(told: string, hasValues: boolean): readonly string[] {
  return [
    ...(told === "" ? ["the Taskfile says nothing of this task; say what it is for."] : []),
    ...(hasValues
      ? ["Task puts values into its lines as they are, so their patterns leave out what a shell reads."]
      : []),
  ];
}

const DEFAULTED =
  /\{\{-?\s*(?:\.(\w+)\s*\|\s*default\s+["'`]?([^"'`{}]*?)["'`]?|default\s+["'`]?([^"'`{}]*?)["'`]?\s+\.(\w+))\s*-?\}\}/g;

/** Variables that may be set from outside: `{{.NAME | default "x"}}`, `{{default "x" .NAME}}`, also as the value of NAME itself. */
function optional(data: Data, needed: readonly Needed[], shared: Data): readonly Needed[] {
  const own = mapOf(data["vars"]);
  const found = new Map<string, Needed>();
  const add = (texts: readonly string[], isOpen: (name: string) => boolean): void => {
    for (const [, first, fallback, second, last] of texts.flatMap((text) => [...text.matchAll(DEFAULTED)])) {
      const name = first ?? last ?? "";
      if (found.has(name) || isSecretWord(name) || needed.some((each) => each.name === name) || !isOpen(name)) continue;
      found.set(name, { name, choices: [], value: oneLine(fallback ?? second, 100) });
    }
  };
  for (const [name, value] of Object.entries(own)) add([textOf(value)], (each) => each === name);
  const used = [data["cmds"], data["cmd"], data["dir"], data["env"]].flatMap(textsIn);
  const isUsed = (name: string): boolean =>
    used.some((text) => new RegExp(String.raw`\{\{[^}]*\.${name}\b`).test(text));
  for (const [name, value] of Object.entries(shared))
    add([textOf(value)], (each) => each === name && !Object.hasOwn(own, name) && isUsed(name));
  add(used, (name) => name !== "CLI_ARGS" && !Object.hasOwn(own, name));
  return [...found.values()];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function paramOf(each: Needed, name: string, isNeeded: boolean): DraftParam {
  const need = isNeeded ? { required: true } : {};
  const otherwise = each.value === "" ? "" : `; it is ${each.value} otherwise`;
  const description = literal(`The variable ${each.name} of the task${otherwise}.`);
  if (each.choices.length > 0) return { name, schema: { type: "string", enum: each.choices, ...need, description } };
  return { name, schema: safeText({ ...need, description }) };
}
