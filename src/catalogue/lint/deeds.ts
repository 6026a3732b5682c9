import type { Line } from "./lines.ts";

/** Options before the word that says what is done, which a value follows. */
const VALUED: Readonly<Record<string, string>> = {
  git: "-C -c --git-dir --work-tree --namespace",
  kubectl: "-n --namespace --context --cluster --kubeconfig -s --server --user --token --as",
  helm: "-n --namespace --kube-context --kubeconfig",
  docker: "-H --host -c --context --config -l --log-level",
  podman: "-H --url -c --connection --log-level",
  npm: "--prefix -w --workspace",
  gh: "-R --repo",
};

/**
 * Whether a line does a deed, such as `git push --force`: its words come first, with nothing but options between, and its options
 * stand anywhere.
 */
export function doesDeed(line: Line, [program = "", ...wanted]: readonly string[]): boolean {
  const [name = "", ...words] = line;
  if (name !== program || isDry(line)) return false;
  const named = positionals(name, words);
  const options = new Set(words.slice(0, words.includes("--") ? words.indexOf("--") : words.length));
  let at = 0;
  return wanted.every((word) => (word.startsWith("-") ? options.has(word) : named[at++] === word));
}

/** What only tells what it would do. */
function isDry([name = "", ...words]: Line): boolean {
  const [verb = ""] = positionals(name, words);
  const short = name === "git" && /^(?:clean|push|add)$/.test(verb) ? /^-[A-Za-z]*n[A-Za-z]*$/ : /^(?!)/;
  return words.some(
    (word) =>
      (/^--(?:dry-run|simulate|just-print|help)(?:=|$)/.test(word) && !/=(?:none|false)$/.test(word)) ||
      short.test(word),
  );
}

const METHOD = /^(?:-[A-Za-z]*?X|--request(?==|$)|--method(?==|$))(?:=?(.+))?$/;

/** The method of a request that curl and its like send; empty where the line says none. */
export function methodOf([name = "", ...words]: Line): string {
  if (name === "http" || name === "https" || name === "xh") return words.find((word) => /^[A-Z]+$/.test(word)) ?? "";
  if (!/^(?:curl|wget|gh|glab)$/.test(name)) return "";
  const at = words.findIndex((word) => METHOD.test(word));
  const attached = METHOD.exec(words[at] ?? "")?.[1];
  return (at < 0 ? "" : (attached ?? words[at + 1] ?? "")).toUpperCase();
}

function positionals(name: string, words: Line): readonly string[] {
  const valued = new Set((VALUED[name] ?? "").split(" "));
  const ended = words.indexOf("--");
  const before = ended < 0 ? words : words.slice(0, ended);
  return before.filter((word, index) => !word.startsWith("-") && !valued.has(before[index - 1] ?? "-"));
}
