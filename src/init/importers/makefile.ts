import { type Draft, type DraftCommand, type DraftParam, literal, placeOf } from "../draft.ts";
import { effectOf, isSecretWord } from "../guess.ts";
import type { Importer, SourceFile } from "../importer.ts";
import { type Names, commandNames, paramNames } from "../names.ts";
import { confirmFor, isRun, isSafe, placeFor, safeText } from "../runner.ts";
import { oneLine, sentence } from "../words.ts";

export const makefile: Importer = {
  kind: "make",
  what: "the targets of a Makefile",
  recognises: ({ name }) => /^(?:GNUm|m|M)akefile(?:\.\w+)?$|\.mk$/.test(name),
  read: (file, { reserved }) => {
    const { targets, variables, notes } = parse(file.text);
    if (targets.length === 0) return { refused: "it has no target that make could be asked for by its name" };
    const names = commandNames(reserved.verbs);
    return {
      name: "make",
      commands: targets.map((target) => commandOf(target, { names, variables, file, taken: reserved.options })),
      notes,
    } satisfies Draft;
  },
};

interface Target {
  readonly name: string;
  readonly help: string;
  readonly needs: readonly string[];
  readonly recipe: string[];
}

/** A variable that somebody may set on the command line, and what it is when nobody does. */
interface Variable {
  readonly name: string;
  readonly value: string;
  readonly help: string;
}

interface Parsed {
  readonly targets: readonly Target[];
  readonly variables: readonly Variable[];
  readonly notes: readonly string[];
}

const RULE = /^([^\s#=:][^#=:]*?)\s*::?(?!=)([^=]*?)(?:##\s*(.*))?$/;
const VARIABLE = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*\?=\s*(.*?)\s*(?:#+\s*(.*))?$/;

function parse(text: string): Parsed {
  const targets = new Map<string, Target>();
  const variables: Variable[] = [];
  const phony = new Set<string>();
  const notes = new Set<string>();
  let above = "";
  let open: readonly Target[] = [];
  for (const line of linesOf(text)) {
    if (line.startsWith("\t")) {
      for (const target of open) target.recipe.push(line.trim());
      continue;
    }
    const variable = variableIn(line, above);
    const rule = variable ? null : RULE.exec(line);
    if (variable) variables.push(variable);
    if (rule?.[1] === ".PHONY") for (const name of split(rule[2])) phony.add(name);
    else if (rule) open = rulesOf(rule, above, notes, targets);
    // A remark stands for what comes next, and `.PHONY` may stand between.
    if (rule?.[1] !== ".PHONY") above = /^##?\s+(?!#)(.*)$/.exec(line)?.[1] ?? "";
  }
  const asked = [...targets.values()].filter((target) => isForPeople(target, phony, notes));
  const included = Array.from(
    text.matchAll(/^-?include\s.*$/gm),
    ([line]) => `\`${oneLine(line, 200)}\`: included files are not read; import them by themselves`,
  );
  return { targets: asked, variables, notes: [...notes, ...included] };
}

function variableIn(line: string, above: string): Variable | undefined {
  const [, name, value = "", help = above] = VARIABLE.exec(line) ?? [];
  return name === undefined ? undefined : { name, value, help };
}

/** Lines that end in a backslash are one with the next; what `define` holds is no rule; a recipe may begin behind its rule. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(/\\\n[ \t]*/g, " ")
    .replaceAll(/^[ \t]*define\s[\s\S]*?^[ \t]*endef\b.*$/gm, "")
    .replaceAll(/^([^\s#;=:][^\n#;=:]*::?[^\n#;=:]*);(.*)$/gm, "$1\n\t$2")
    .split("\n");
}

function rulesOf(
  [, left = "", right = "", help]: RegExpExecArray,
  above: string,
  notes: Set<string>,
  targets: Map<string, Target>,
): readonly Target[] {
  // `target: VARIABLE = value` is caught by the form; `%` and `$` make a rule for many.
  const opened: Target[] = [];
  // `a b &: c` makes both at once.
  for (const name of split(left.replace(/\s*&$/, ""))) {
    if (name.startsWith(".")) continue;
    if (!/^[A-Za-z0-9_][A-Za-z0-9_./@+-]*$/.test(name)) {
      notes.add(`target \`${oneLine(name, 100)}\`: it is a pattern, or its name is made by make`);
      continue;
    }
    const before = targets.get(name);
    const target = {
      name,
      help: help ?? (before?.help || above),
      needs: [...(before?.needs ?? []), ...split(right)],
      recipe: before?.recipe ?? [],
    };
    targets.set(name, target);
    opened.push(target);
  }
  return opened;
}

function split(text = ""): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Files that make builds on the way are no commands of their own. */
function isForPeople({ name, help, recipe, needs }: Target, phony: ReadonlySet<string>, notes: Set<string>): boolean {
  if (phony.has(name) || help !== "") return true;
  const isFile = /[./]/.test(name);
  if (isFile || (recipe.length === 0 && needs.length === 0))
    notes.add(`target \`${name}\`: it is a file, neither \`.PHONY\` nor with a \`## help\``);
  return !isFile && (recipe.length > 0 || needs.length > 0);
}

interface Where {
  readonly names: Names;
  readonly variables: readonly Variable[];
  readonly file: SourceFile;
  readonly taken: readonly string[];
}

function commandOf(target: Target, { names, variables, file, taken }: Where): DraftCommand {
  const effect = effectOf(target.name);
  const recipe = target.recipe.join("\n");
  const used = variables.filter(({ name }) => recipe.includes(`$(${name})`) || recipe.includes(`\${${name}}`));
  const wanted = used.filter(
    ({ name }) => !isSecretWord(name) && !isTool(name) && !isRun(String.raw`\$[({]${name}[)}]`, recipe),
  );
  const params = paramNames(taken);
  const offered = wanted.map((variable) => ({ variable, param: paramOf(variable, params.take(variable.name)) }));
  return {
    name: names.take(`make_${target.name}`),
    review: reviewOf(target, used, wanted),
    effect,
    detail: literal(oneLine(target.recipe.join("; "), 200) || "the Makefile says no more of it."),
    keys: {
      description: literal(describe(target)),
      ...confirmFor(effect.effect, `make ${target.name}`),
      run: [
        "make",
        ...(isUsual(file.name) ? [] : [`--file=${literal(file.name)}`]),
        target.name,
        ...offered.map(({ variable, param }) => `${variable.name}=${placeOf(param.name)}`),
      ],
      ...placeFor(file),
      timeout: "10m",
    },
    params: offered.map(({ param }) => param),
  };
}

function reviewOf({ help }: Target, used: readonly Variable[], wanted: readonly Variable[]): readonly string[] {
  const left = used.filter((variable) => !wanted.includes(variable)).map(({ name }) => name);
  return [
    ...(help === "" ? ["the Makefile says nothing of this target; say what it is for."] : []),
    ...(left.length > 0 ? [`it also uses ${left.join(", ")}, which a model should not choose.`] : []),
  ];
}

function describe({ name, help, needs, recipe }: Target): string {
  if (help !== "") return sentence(help);
  const does = recipe.length > 0 ? oneLine(recipe.join("; ").replaceAll(/(^|; )[@+-]+/g, "$1"), 200) : "";
  return `Runs \`make ${name}\`${does === "" ? `, which makes ${needs.slice(0, 10).join(", ") || "nothing by itself"}.` : `: ${does}`}`;
}

function paramOf({ name, value, help }: Variable, param: string): DraftParam {
  const isNumber = /^\d{1,9}$/.test(value);
  const told =
    help === ""
      ? `The variable ${name} of the Makefile${value === "" ? "" : `; it is ${oneLine(value, 100)} otherwise`}.`
      : sentence(help);
  const description = literal(told);
  return isNumber
    ? {
        name: param,
        schema: { type: "integer", minimum: 0, description },
        review: `a number, as ${value} is its default`,
      }
    : { name: param, schema: safeText({ ...(isSafe(value) ? { examples: [value] } : {}), description }) };
}

/** Variables that say which program runs, by the conventions of make and of people. */
function isTool(name: string): boolean {
  return /^(?:CC|CXX|CPP|LD|AR|AS|FC|RM|SHELL|MAKE|MAKEFLAGS|INSTALL|SUDO|PYTHON|NODE|NPM|NPX|GO|CARGO|DOCKER|KUBECTL|HELM|GIT|CURL)$|FLAGS$|_?(?:CMD|COMMAND|BIN|EXE|EXEC|PROGRAM|TOOL|RUNNER|COMPOSE|OPTS|OPTIONS|ARGS)$/.test(
    name.toUpperCase(),
  );
}

function isUsual(name: string): boolean {
  return name === "Makefile" || name === "makefile" || name === "GNUmakefile";
}
