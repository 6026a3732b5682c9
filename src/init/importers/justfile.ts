import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { plainText } from "../../base/text.ts";
import { listOf, mapOf, textOf, dataOf } from "../data.ts";
import { type Draft, type DraftCommand, type DraftParam, literal, placeOf } from "../draft.ts";
import { effectOf, isSecretWord } from "../guess.ts";
import type { Importer, Setting, SourceFile } from "../importer.ts";
import { isAboutCode } from "../launchers.ts";
import { type Recipe, type RecipeParam, parseJustfile } from "../justfile.ts";
import { type Names, commandNames, paramNames } from "../names.ts";
import { confirmFor, isRun, isSafe, placeFor, safeText, safeTexts } from "../runner.ts";
import { oneLine, sentence } from "../words.ts";

export const justfile: Importer = {
  kind: "just",
  what: "the recipes of a justfile",
  recognises: ({ name }) => /^\.?justfile$|\.just$/i.test(name),
  read: async (file, setting) => {
    const dump = await dumpOf(file, setting);
    const { recipes, notes } = typeof dump === "string" ? parseJustfile(file.text) : dump;
    const fault =
      typeof dump === "string" && dump !== "" ? [`just itself does not take it, and runs nothing of it: ${dump}`] : [];
    const all = recipes.map((recipe) => ({ recipe, why: reasonAgainst(recipe) }));
    const open = all.filter(({ why }) => why === "").map(({ recipe }) => withoutSecret(recipe));
    if (open.length === 0) return { refused: "it has no recipe that just would list" };
    const names = commandNames(setting.reserved.verbs);
    return {
      name: "just",
      commands: open.map(({ recipe }) => commandOf(recipe, { names, file, taken: setting.reserved.options })),
      notes: [
        ...fault,
        ...notes,
        ...all.flatMap(({ recipe, why }) => (why === "" ? [] : [`recipe \`${recipe.name}\`: ${why}`])),
        ...open.flatMap(({ note }) => note),
      ],
    } satisfies Draft;
  },
};

function reasonAgainst({ isPrivate, needsSecret, hasOptions }: Recipe): string {
  if (isPrivate) return "it is private";
  if (needsSecret) return "it wants a secret as an argument, which every process could read";
  return hasOptions ? "some of its arguments are options, which are not made here" : "";
}

/** Just tells arguments by their place: those behind a secret cannot be given without it. */
function withoutSecret(recipe: Recipe): { readonly recipe: Recipe; readonly note: readonly string[] } {
  const { name, params } = recipe;
  const first = params.findIndex((param) => isSecretWord(param.name));
  if (first < 0) return { recipe, note: [] };
  const [secret, ...behind] = params.slice(first).map((param) => `\`${param.name}\``);
  const others = behind.length === 0 ? "" : `, and what stands behind it (${behind.join(", ")})`;
  return {
    recipe: { ...recipe, params: params.slice(0, first) },
    note: [`recipe \`${name}\`: ${secret} is left out, a secret that every process could read as an argument${others}`],
  };
}

interface Listed {
  readonly recipes: readonly Recipe[];
  readonly notes: readonly string[];
}

/** What just itself says of the file, where it is installed; it runs nothing of it for that. A text is why it does not take it. */
async function dumpOf({ path }: SourceFile, setting: Setting): Promise<Listed | string> {
  const how = { env: { PATH: setting.path }, timeout: 5000, maxBuffer: 8 * 1024 * 1024 };
  try {
    const { stdout } = await promisify(execFile)(
      "just",
      ["--unstable", "--dump", "--dump-format", "json", "--justfile", path],
      how,
    );
    return readDump(dataOf(stdout).value);
  } catch (error) {
    // It is not installed, too old to tell, or does not take the file: then it is read here.
    const told = plainText(textOf(mapOf(error)["stderr"]));
    const [fault = ""] = told.split("\n");
    return fault.startsWith("error: ") && /:\d+:\d+/.test(told) ? fault.slice("error: ".length) : "";
  }
}

/** The answer of `just --dump --dump-format json`. */
export function readDump(data: unknown): Listed {
  const { recipes, modules } = mapOf(data);
  return {
    recipes: Object.values(mapOf(recipes)).map((each) => recipeOf(mapOf(each))),
    notes: Object.keys(mapOf(modules)).map((name) => `module \`${name}\`: import its justfile by itself`),
  };
}

function recipeOf(recipe: Readonly<Record<string, unknown>>): Recipe {
  const all = listOf(recipe["parameters"]).map(mapOf);
  const has = (word: string): boolean => all.some((each) => each[word] !== undefined && each[word] !== null);
  const params = all.map((each): RecipeParam => {
    const { name, kind, default: value } = each;
    const fallback =
      value === null || value === undefined ? null : typeof value === "string" ? { text: value } : { text: null };
    return { name: textOf(name), kind: kind === "plus" ? "plus" : kind === "star" ? "star" : "one", fallback };
  });
  return {
    name: textOf(recipe["name"]),
    doc: textOf(recipe["doc"]),
    params,
    isPrivate: recipe["private"] === true,
    needsSecret: params.some((param) => isSecretWord(param.name) && isNeeded(param)),
    asks: JSON.stringify(recipe["attributes"] ?? []).includes("confirm"),
    hasOptions: has("long") || has("short"),
    hasPatterns: has("pattern"),
    // just tells those of this system alone.
    systems: [],
  };
}

function isNeeded({ kind, fallback }: RecipeParam): boolean {
  return fallback === null && kind !== "star";
}

interface Where {
  readonly names: Names;
  readonly file: SourceFile;
  readonly taken: readonly string[];
}

function commandOf(recipe: Recipe, { names, file, taken }: Where): DraftCommand {
  const guess = effectOf(recipe.name);
  const effect = recipe.asks ? { effect: "destructive" as const, from: "its `[confirm]`" } : guess;
  const { params, constraints } = paramsOf(recipe, taken);
  return {
    name: names.take(`just_${recipe.name}`),
    review: reviewOf(recipe, file.text),
    effect,
    detail: "the justfile says no more of it.",
    keys: {
      description: literal(
        recipe.doc === "" ? `Runs the recipe \`${recipe.name}\` of the justfile.` : sentence(recipe.doc),
      ),
      ...confirmFor(effect.effect, `just ${recipe.name}`),
      run: [
        "just",
        ...(/^\.?justfile$/i.test(file.name) ? [] : [`--justfile=${literal(file.name)}`]),
        ...(recipe.asks ? ["--yes"] : []),
        "--",
        recipe.name,
        ...params.map(({ name }) => placeOf(name)),
      ],
      ...placeFor(file),
      ...(constraints.length > 0 ? { constraints } : {}),
      timeout: "10m",
    },
    params,
  };
}

function reviewOf({ doc, params, hasPatterns }: Recipe, text: string): readonly string[] {
  const runs = (name: string): boolean => isRun(String.raw`\{\{\s*${name}\s*\}\}`, text);
  const code = params.filter(({ name }) => isAboutCode(name) || runs(name)).map(({ name }) => `\`${name}\``);
  return [
    ...(doc === "" ? ["the justfile says nothing of this recipe; say what it is for."] : []),
    ...(params.length > 0
      ? ["just puts values into the recipe's lines as they are, so their patterns leave out what a shell reads."]
      : []),
    ...(code.length > 0 ? [`its ${code.join(" and ")} seems to choose what is run.`] : []),
    ...(hasPatterns
      ? ["just checks some of the arguments against patterns of its own, and tells what does not fit."]
      : []),
  ];
}

/** Just tells arguments by their place: what follows one that was left out would move into it. */
function paramsOf(
  recipe: Recipe,
  taken: readonly string[],
): { params: readonly DraftParam[]; constraints: readonly { check: string; message: string }[] } {
  const names = paramNames(taken);
  const params: DraftParam[] = [];
  const constraints: { check: string; message: string }[] = [];
  let open: string | undefined;
  for (const param of recipe.params) {
    const name = names.take(param.name);
    const isOpen = open !== undefined;
    if (open !== undefined)
      constraints.push({
        check: `!has(params.${name}) || has(params.${open})`,
        message: `\`${name}\` goes only with \`${open}\``,
      });
    params.push({ name, schema: schemaOf(param, isOpen) });
    if (isOpen || (params.at(-1)?.schema["default"] === undefined && !isNeeded(param))) open = name;
  }
  return { params, constraints };
}

function schemaOf({ name, kind, fallback }: RecipeParam, isOpen: boolean): DraftParam["schema"] {
  const value = fallback?.text ?? "";
  const otherwise = fallback && value !== "" ? `; it is ${oneLine(value, 100)} otherwise` : "";
  const description = literal(`The argument \`${name}\` of the recipe${otherwise}.`);
  const need = isNeeded({ name, kind, fallback }) ? { required: true } : {};
  if (kind !== "one") return safeTexts({ ...need, ...(kind === "plus" ? { minItems: 1 } : {}), description });
  const known = !isOpen && isSafe(value) ? { default: value } : {};
  return safeText({ ...need, ...known, description });
}
