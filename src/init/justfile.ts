import { isSecretWord } from "./guess.ts";
import { oneLine } from "./words.ts";

/** A recipe as its header tells it; what it runs is just's own business. */
export interface Recipe {
  readonly name: string;
  readonly doc: string;
  readonly params: readonly RecipeParam[];
  readonly isPrivate: boolean;
  /** Whether it cannot be run without a secret among its arguments. */
  readonly needsSecret: boolean;
  /** Whether just asks before it runs. */
  readonly asks: boolean;
  /** Whether some of its arguments are options, `[arg("x", long)]`. */
  readonly hasOptions: boolean;
  /** Whether just checks some of its arguments against patterns of its own. */
  readonly hasPatterns: boolean;
  /** The systems that it is for; empty: all. */
  readonly systems: readonly string[];
}

export interface RecipeParam {
  readonly name: string;
  /** `plus` and `star` take all that follows, at least one or none. */
  readonly kind: "one" | "plus" | "star";
  /** Null where a value must be given; a text of null is an expression, which only just can work out. */
  readonly fallback: { readonly text: string | null } | null;
}

const HEADER = /^@?([A-Za-z_][A-Za-z0-9_-]*)((?:\s+[^:]*?)?)\s*:(?!=)(.*)$/;

/** Reads the headers of a justfile; what it does not understand is named. */
export function parseJustfile(text: string): {
  readonly recipes: readonly Recipe[];
  readonly notes: readonly string[];
} {
  const recipes: Recipe[] = [];
  const notes: string[] = [];
  let doc = "";
  let attributes = "";
  for (const line of headersOf(text)) {
    const remark = /^#(?!!)\s?(.*)$/.exec(line)?.[1];
    if (remark !== undefined) doc = remark.trim();
    else if (/^\[.*\]\s*$/.test(line)) attributes += line;
    else {
      const read = readHeader(line, { doc, attributes });
      if (typeof read === "string") notes.push(read);
      else if (read) recipes.push(read);
      [doc, attributes] = ["", ""];
    }
  }
  return { recipes: onePerName(recipes), notes };
}

/** Of the variants for several systems the one for this system; of others of one name just takes the last. */
function onePerName(recipes: readonly Recipe[]): readonly Recipe[] {
  const names = [...new Set(recipes.map(({ name }) => name))];
  return names.flatMap((name) => {
    const all = recipes.filter((each) => each.name === name);
    const here = all.filter(({ systems }) => systems.length === 0 || systems.some((each) => HERE.includes(each)));
    return here.at(-1) ?? all.at(-1) ?? [];
  });
}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["macos", "unix"],
  win32: ["windows"],
};
const HERE = SYSTEMS[process.platform] ?? [process.platform, "unix"];

/** Without the bodies, and without what stands between triple quotes. */
function headersOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(/("""|''')[\s\S]*?\1/g, '""')
    .replaceAll(/\\\n[ \t]*/g, " ")
    .split("\n")
    .filter((line) => !/^[ \t]/.test(line));
}

const NO_RECIPE = /^(?:#!|(?:export\s+|unexport\s+)?[\w-]+\s*:=|set\s|alias\s|unexport\s|\s*$|["'`)\]}])/;

/** A recipe, a note on what is none, or nothing. */
function readHeader(
  line: string,
  { doc, attributes }: { doc: string; attributes: string },
): Recipe | string | undefined {
  const module = /^(?:import|mod)\??\s+(.*)$/.exec(line);
  if (module) return `\`${oneLine(line, 200)}\`: import that file by itself`;
  if (NO_RECIPE.test(line)) return undefined;
  const [, name = "", words = ""] = HEADER.exec(withoutTexts(line)) ?? [];
  if (name === "") return `\`${oneLine(line, 200)}\`: it is not understood`;
  const start = line.indexOf(name) + name.length;
  const params = readParams(line.slice(start, start + words.length));
  if (params === undefined) return `recipe \`${name}\`: its parameters are not understood`;
  const marks = attributes.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'/g, "x");
  return {
    name,
    doc: /doc\(\s*(["'])(.*?)\1\s*\)/.exec(attributes)?.[2] ?? doc,
    params,
    isPrivate: name.startsWith("_") || /\bprivate\b/.test(marks),
    needsSecret: params.some((param) => isSecretWord(param.name) && param.fallback === null && param.kind !== "star"),
    asks: /\bconfirm\b/.test(marks),
    hasOptions: /\barg\([^)]*,\s*(?:long|short|value)\b/.test(marks),
    hasPatterns: /\barg\([^)]*,\s*pattern\b/.test(marks),
    systems: marks.match(/\b(?:linux|macos|unix|windows|android|dragonfly|freebsd|netbsd|openbsd)\b/g) ?? [],
  };
}

/** The same text, as long as it was, with nothing in its quotes and brackets that could be taken for more. */
function withoutTexts(text: string): string {
  let masked = text.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`/g, (each) => "x".repeat(each.length));
  for (let before = ""; before !== masked;) {
    before = masked;
    masked = masked.replaceAll(/\([^()]*\)/g, (each) => "x".repeat(each.length));
  }
  return masked;
}

const PARAM = /\s*([+*]?)(\$?)([A-Za-z_][A-Za-z0-9_-]*)(?:\s*=\s*(\S+))?(?=\s|$)/y;

function readParams(text: string): readonly RecipeParam[] | undefined {
  const params: RecipeParam[] = [];
  const masked = withoutTexts(text).trimEnd();
  PARAM.lastIndex = 0;
  while (PARAM.lastIndex < masked.length) {
    const match = PARAM.exec(masked);
    if (!match) return undefined;
    const [whole, sign, , name = "", value] = match;
    const end = match.index + whole.length;
    const written = value === undefined ? undefined : text.slice(end - value.length, end);
    params.push({ name, kind: sign === "+" ? "plus" : sign === "*" ? "star" : "one", fallback: fallbackOf(written) });
  }
  return params;
}

function fallbackOf(value: string | undefined): RecipeParam["fallback"] {
  if (value === undefined) return null;
  if (value.startsWith("'")) return { text: value.slice(1, -1) };
  return { text: /^"[^"\\]*"$/.test(value) ? value.slice(1, -1) : null };
}
