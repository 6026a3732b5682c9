import { redact } from "../base/secret.ts";
import { visibleWord } from "../base/visible.ts";
import type { ContainerPlan } from "../executors/container/plan.ts";
import type { LocalPlan } from "../executors/local-plan.ts";
import type { Plan } from "../executors/plan.ts";
import type { WebhookPlan } from "../executors/webhook/plan.ts";

/** What fits in the dialog of a client, and what somebody reads before they answer. */
const LONGEST = 1000;
const MOST = 60;

/** A plan for people who decide on it, each line in one line whatever it holds: no secrets, nothing that cannot be seen. */
export function planLines(plan: Plan): { readonly lines: readonly string[]; readonly isCut: boolean } {
  const all = [...(plan.executor === "webhook" ? requestLines(plan) : programLines(plan))];
  const cut = all.map((line) => shortened(line));
  const shown = cut.length > MOST ? [...cut.slice(0, MOST), `[and ${cut.length - MOST} lines more]`] : cut;
  return { lines: shown, isCut: cut.length > MOST || cut.some((line, index) => line !== all[index]) };
}

/** Head and tail: what matters most may stand at the end. `without`: so many characters were cut out of its middle before. */
export function shortened(line: string, without = 0): string {
  if (line.length <= LONGEST) return line;
  const [head, tail] = [line.slice(0, LONGEST - 300), line.slice(-300)];
  const left = line.length - head.length - tail.length + without;
  return `${head} [... ${left} characters left out ...] ${tail}`.toWellFormed();
}

/** Of a text the ends, of which `shortened` takes what it shows: for texts of which each character costs. */
export function endsOf(text: string): { readonly ends: string; readonly without: number } {
  if (text.length <= 2 * LONGEST) return { ends: text, without: 0 };
  return { ends: text.slice(0, LONGEST) + text.slice(-LONGEST), without: text.length - 2 * LONGEST };
}

function wordOf({ secrets }: Plan): (text: string) => string {
  return (text) => visibleWord(redact(text, secrets));
}

function programLines(plan: LocalPlan | ContainerPlan): readonly string[] {
  const word = wordOf(plan);
  const isHost = plan.executor === "local";
  return [
    plan.argv.map(word).join(" "),
    ...(isHost && plan.program !== null && plan.program !== plan.argv[0] ? [`program: ${word(plan.program)}`] : []),
    ...(plan.cwd === null ? [] : [`folder: ${word(plan.cwd)}`]),
    ...plan.env.flatMap(({ name, value, from }) =>
      from === "argument" || from === "file" ? [`variable: ${name}=${word(value)}`] : [],
    ),
    ...(plan.stdin === null ? [] : [`stdin: ${word(plan.stdin)}`]),
    ...plan.files.map(({ path, content }) => `file: ${word(path)} with ${word(content)}`),
    ...(isHost ? [] : containerLines(plan)),
  ];
}

function containerLines(plan: ContainerPlan): readonly string[] {
  const word = wordOf(plan);
  return [
    `container: ${word(plan.image)}`,
    ...plan.mounts.map(
      ({ source, target, readOnly }) => `mount: ${word(`${source}:${target}${readOnly ? ":ro" : ""}`)}`,
    ),
    `network: ${word(plan.settings.network)}`,
    ...(plan.user === null ? [] : [`user: ${word(plan.user)}`]),
    ...(plan.settings.privileged ? ["privileged"] : []),
  ];
}

function requestLines(plan: WebhookPlan): readonly string[] {
  const word = wordOf(plan);
  const credentials = new Set(plan.credentials);
  return [
    `${plan.method} ${word(plan.url)}`,
    ...plan.headers.map(([name, value]) => `${name}: ${credentials.has(name) ? "[redacted]" : word(value)}`),
    ...(plan.client ? [`Authorization: [a token of ${word(plan.client.tokenUrl)}]`] : []),
    ...(plan.body === null ? [] : [`body: ${word(plan.body)}`]),
  ];
}
