import { lazy } from "../base/lazy.ts";
import { type Complaint, refuse, refuseAll } from "../base/refusal.ts";
import { type Command, type PathRule, type Signature, parameterOf } from "./command.ts";
import { confine } from "./path.ts";

const validator = lazy(() => import("./validator.ts"));

/** Checked arguments by parameter name: defaults filled in, paths resolved; what was not given is not in it. */
export type Values = ReadonlyMap<string, unknown>;

/**
 * Checks what a caller gave and refuses with a line for every problem. `null` counts as not given, unless the parameter
 * takes null. The only I/O is that of the path checks.
 */
export async function settleArguments(command: Signature, given: unknown): Promise<Values> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw refuse("arguments.invalid", `expected the arguments as an object, came ${JSON.stringify(given)}`);
  }
  const args: Record<string, unknown> = Object.create(null);
  if (isDeeper(given, DEEPEST)) {
    throw refuse("arguments.invalid", `the arguments are nested deeper than ${DEEPEST} levels`);
  }
  const unreadable: Complaint[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (value === null && !takesNull(command, name))) continue;
    args[name] = copyOf(value);
    // Not as arguments of one `push`: there may be more than the stack takes.
    for (const each of textComplaints(name, value)) unreadable.push(each);
  }
  const { validatorOf } = await validator();
  const problems = validatorOf(command.inputSchema)(args);
  const misfits = problems.map((problem) => complaint(command, problem.path, problem.text));
  const { values, complaints } = resolvePaths(command, new Map(Object.entries(args)));
  refuseAll([...unreadable, ...misfits, ...complaints]);
  return values;
}

/** Refuses when a condition of the command is not met; one that names an absent parameter does not count. */
export async function checkConstraints(command: Command, values: Values): Promise<void> {
  const due = command.constraints.filter((constraint) => constraint.mentions.every((name) => values.has(name)));
  if (due.length === 0) return;
  const { parseCondition } = await import("../base/condition.ts");
  const given = Object.fromEntries(values);
  const complaints: Complaint[] = [];
  for (const { check, message } of due) {
    const condition = parseCondition(check);
    const result = typeof condition === "string" ? condition : condition.evaluate({ ...given, params: given });
    if (result === true) continue;
    const why =
      result === false ? message : `${message} (the condition \`${check}\` could not be evaluated: ${result})`;
    complaints.push({ code: "constraint.failed", text: why });
  }
  refuseAll(complaints);
}

/** Defaults are filled in. */
function copyOf(value: unknown): unknown {
  return typeof value === "object" ? structuredClone(value) : value;
}

const DEEPEST = 64;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function takesNull(command: Signature, name: string): boolean {
  const properties = command.inputSchema["properties"] as Readonly<Record<string, { type?: unknown }>>;
  return Object.hasOwn(properties, name) && [properties[name]?.type].flat().includes("null");
}

/** What JSON can say and a program cannot be given: NUL, half a surrogate pair, a number that was rounded on the way. */
function textComplaints(name: string, value: unknown): readonly Complaint[] {
  if (typeof value === "string") {
    if (value.includes("\0"))
      return [{ code: "arguments.invalid", text: `${name}: holds a NUL character, which no program can be given` }];
    if (!value.isWellFormed())
      return [{ code: "arguments.invalid", text: `${name}: holds half a surrogate pair, which is not Unicode text` }];
  }
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return [
      {
        code: "arguments.invalid",
        text: `${name}: the number is beyond 9007199254740991, where numbers are no longer exact`,
      },
    ];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textComplaints(`a key of ${name}`, key).concat(textComplaints(`${name}.${key}`, item)),
  );
}

function complaint(command: Signature, path: readonly string[], text: string): Complaint {
  const [name = "arguments", ...inside] = path;
  const place = inside.reduce((whole, step) => (/^\d+$/.test(step) ? `${whole}[${step}]` : `${whole}.${step}`), name);
  const secret = parameterOf(command, name)?.secret === true;
  return { code: "arguments.invalid", text: `${place}: ${secret ? text.replace(/, came [\s\S]*$/, "") : text}` };
}

interface Resolved {
  readonly values: Values;
  readonly complaints: readonly Complaint[];
}

/** Values of another kind than text were refused already. */
function resolvePaths(command: Signature, values: Map<string, unknown>): Resolved {
  const complaints: Complaint[] = [];
  const resolveOne = (rule: PathRule, isSecret: boolean, place: string, value: unknown): unknown => {
    if (typeof value !== "string" || value.includes("\0")) return value;
    const result = confine(value, rule);
    if ("path" in result) return result.path;
    const text = isSecret ? "is not a path that may be given here" : result.text;
    complaints.push({ code: result.code, text: `${place}: ${text}` });
    return value;
  };
  for (const { name, path, secret } of command.params) {
    const value = values.get(name);
    if (!path || value === undefined) continue;
    const resolved = Array.isArray(value)
      ? value.map((item: unknown, index) => resolveOne(path, secret, `${name}[${index}]`, item))
      : resolveOne(path, secret, name, value);
    values.set(name, resolved);
  }
  return { values, complaints };
}
