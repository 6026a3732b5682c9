import { type Data, isMap, mapOf, textOf } from "../data.ts";
import { type Draft, type DraftCommand, literal, placeOf } from "../draft.ts";
import { effectOf } from "../guess.ts";
import type { Importer, SourceFile } from "../importer.ts";
import { type Names, commandNames } from "../names.ts";
import { confirmFor, placeFor, safeTexts } from "../runner.ts";
import { oneLine, wordsOf } from "../words.ts";

export const packageJson: Importer = {
  kind: "package.json",
  what: "the scripts of a package.json",
  recognises: ({ name }) => name === "package.json",
  read: (file, { reserved }) => {
    if (!isMap(file.data)) return { refused: file.fault || "it is not a JSON object" };
    const scripts = mapOf(file.data["scripts"]);
    const names = commandNames(reserved.verbs);
    const manager = managerOf(file.data);
    const all = Object.entries(scripts);
    const wanted = all.filter(([name, body]) => typeof body === "string" && !isHook(name, scripts) && !isOdd(name));
    return {
      name: literal(oneLine(file.data["name"], 100)) || "scripts",
      commands: wanted.map(([name, body]) => commandOf(name, String(body), { names, manager, file })),
      notes: all.flatMap((script) => noteOn(script, scripts)),
    } satisfies Draft;
  },
};

function noteOn([name, body]: readonly [string, unknown], scripts: Data): readonly string[] {
  if (typeof body !== "string") return [`script \`${name}\`: its body is no text`];
  if (isOdd(name))
    return [`script \`${oneLine(name)}\`: its name is empty, begins with a dash or holds control characters`];
  return isHook(name, scripts) ? [`script \`${name}\`: npm runs it by itself, before or after another`] : [];
}

interface Where {
  readonly names: Names;
  readonly manager: string;
  readonly file: SourceFile;
}

function commandOf(name: string, body: string, { names, manager, file }: Where): DraftCommand {
  const effect = effectOf(name);
  const takesMore = wordsOf(name).some((word) => TAKES_PATHS.has(word));
  return {
    name: names.take(`${manager}_${name}`),
    review: takesMore
      ? ["`extra` stands behind the script's own arguments; take it away if the script takes none."]
      : [],
    effect,
    detail: literal(oneLine(body, 300)),
    keys: {
      description: literal(`Runs the script \`${oneLine(name, 100)}\` of this package: ${oneLine(body, 300)}`),
      ...confirmFor(effect.effect, `${manager} run ${name}`),
      run: [
        manager,
        "run",
        ...(manager === "npm" ? ["--silent"] : []),
        literal(name),
        ...(takesMore ? more(manager) : []),
      ],
      ...placeFor(file),
      timeout: "10m",
    },
    params: takesMore
      ? [
          {
            name: "extra",
            schema: safeTexts({ description: "Further arguments, such as the paths of files or the name of a test." }),
          },
        ]
      : [],
  };
}

/** The others hand on what they get as it is, a `--` too. */
function more(manager: string): readonly string[] {
  return [...(manager === "npm" ? ["--"] : []), placeOf("extra")];
}

const TAKES_PATHS = new Set([
  "test",
  "tests",
  "spec",
  "lint",
  "format",
  "fmt",
  "bench",
  "e2e",
  "unit",
  "prettier",
  "eslint",
]);

/** `packageManager` of Corepack, such as `pnpm@9.1.0`. */
function managerOf(data: Data): string {
  return /^(npm|pnpm|yarn|bun)@/.exec(textOf(data["packageManager"]))?.[1] ?? "npm";
}

function isHook(name: string, scripts: Data): boolean {
  const base = /^(?:pre|post)(.+)$/.exec(name)?.[1];
  return base !== undefined && (Object.hasOwn(scripts, base) || LIFE.has(base));
}

const LIFE = new Set(["install", "publish", "pack", "prepare", "version", "shrinkwrap"]);

function isOdd(name: string): boolean {
  return name === "" || name.startsWith("-") || /\p{Cc}/u.test(name) || !name.isWellFormed();
}
