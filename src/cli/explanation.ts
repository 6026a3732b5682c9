import { redact } from "../base/secret.ts";
import { writeDuration, writeSize } from "../base/units.ts";
import { type Command, type Parameter, executorOf } from "../command/command.ts";
import { type Landing, landingsOf, written, writtenItem } from "../command/landing.ts";

/** What there is to know of a command before it is called. Plain JSON data. */
export interface Explanation {
  readonly name: string;
  readonly effect: Command["effect"];
  readonly executor: ReturnType<typeof executorOf>;
  /** What is run: the argv as it is written, the script, or the method and the URL. */
  readonly runs: string;
  /** The program as it was found; null: it was not found, or it is not looked up on this machine. */
  readonly program: string | null;
  readonly parameters: readonly ExplainedParameter[];
  /** What bounds, precedes and follows a call, by the keys of the catalogue; what is not set is left out. */
  readonly rules: Readonly<Record<string, string>>;
  /** What a client is told, as `tools/list` shows it. */
  readonly tool: unknown;
}

export interface ExplainedParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly lands: readonly Landing[];
  /** What is checked beyond the schema, and what is kept back. */
  readonly guards: readonly string[];
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

/** `tool` is what the model sees; secrets of the environment do not stand in the answer. */
export function explanationOf(command: Command, tool: unknown, secrets: readonly string[]): Explanation {
  const { name, effect, program, params, inputSchema } = command;
  const properties = inputSchema["properties"] as Readonly<Record<string, Schema>>;
  const explanation: Explanation = {
    name,
    effect,
    executor: executorOf(command),
    runs: runsOf(command),
    program: command.webhook ? null : program.path,
    parameters: params.map((parameter) => explain(command, parameter, properties[parameter.name] ?? {})),
    rules: rulesOf(command),
    tool,
  };
  return JSON.parse(redact(JSON.stringify(explanation), new Set(secrets))) as Explanation;
}

function runsOf({ program, webhook }: Command): string {
  if (webhook) {
    const { origin, segments, query } = webhook.url;
    const pairs = query.map(([name, value]) => (value === null ? name : `${name}=${written(value)}`));
    const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
    return `${webhook.method} ${origin}/${segments.map(written).join("/")}${search}`;
  }
  if (program.kind === "shell") return program.script;
  return JSON.stringify([program.name, ...program.items.map(writtenItem)]);
}

function explain(command: Command, parameter: Parameter, schema: Schema): ExplainedParameter {
  const lands = landingsOf(command, parameter);
  return {
    name: parameter.name,
    type: typeOf(schema),
    required: parameter.required,
    ...(schema.default === undefined ? {} : { default: schema.default }),
    lands,
    guards: guardsOf(parameter, lands),
  };
}

function typeOf({ type, items, enum: values }: Schema): string {
  if (values) return values.map(String).join("|");
  const name = [type ?? "any"].flat().join("|");
  return items && name === "array" ? `array of ${typeOf(items)}` : name;
}

function guardsOf(parameter: Parameter, lands: readonly Landing[]): readonly string[] {
  const { path, asFile, secret, leadingDash } = parameter;
  const what = { file: "a file", dir: "a folder", any: "there", absent: "not there yet" };
  return [
    ...(path ? [`a path inside ${path.roots.join(" or ")}, links followed`] : []),
    ...(path?.exists ? [`must be ${what[path.exists]}`] : []),
    ...(lands.some(({ guarded }) => guarded) ? ["a value that begins with `-` is refused"] : []),
    ...(leadingDash ? ["a value may begin with `-`"] : []),
    ...(asFile ? ["passed as a private file, whose path stands there"] : []),
    ...(secret ? ["a secret: redacted wherever mcpfier writes"] : []),
  ];
}

function rulesOf(command: Command): Readonly<Record<string, string>> {
  const { timeoutMs, idleTimeoutMs, handoffMs, retry, cacheMs, needs, confirm, concurrency, queue, container } =
    command;
  const { okExitCodes, output, cwd, env, constraints } = command;
  const rules: Readonly<Record<string, string | null>> = {
    timeout: writeDuration(timeoutMs),
    idle_timeout: idleTimeoutMs === null ? null : writeDuration(idleTimeoutMs),
    handoff: handoffMs === null ? null : `after ${writeDuration(handoffMs)} it goes on as a job`,
    confirm: confirm === null ? null : written(confirm),
    constraints: constraints.map(({ check, message }) => `${check} (${message})`).join("; ") || null,
    needs: needs.join(", ") || null,
    retry: retry === null ? null : `${retry.attempts} attempts, ${writeDuration(retry.delayMs)} before the second`,
    cache: cacheMs === null ? null : writeDuration(cacheMs),
    concurrency: concurrency === null ? null : `${concurrency} at once`,
    queue: queue === null ? null : `${queue} may wait`,
    limits: limitsText(command),
    container: container === null ? null : `${container.image}, network ${container.network}`,
    cwd: command.webhook ? null : written(cwd),
    env: envText(env),
    ok_exit_codes: command.webhook ? null : codesText(okExitCodes),
    output: `${output.format}, ${writeSize(output.maxBytes)} for the model`,
  };
  return Object.fromEntries(Object.entries(rules).flatMap(([key, text]) => (text === null ? [] : [[key, text]])));
}

function limitsText({ limits }: Command): string | null {
  const { memory, cpu, processes, openFiles, fileSize, strict } = limits;
  const parts = [
    memory === null ? "" : `memory ${writeSize(memory)}`,
    cpu === null ? "" : `cpu ${cpu}`,
    processes === null ? "" : `processes ${processes}`,
    openFiles === null ? "" : `open_files ${openFiles}`,
    fileSize === null ? "" : `file_size ${writeSize(fileSize)}`,
    strict ? "strict" : "",
  ].filter((part) => part !== "");
  return parts.join(", ") || null;
}

/** Names alone: values may be anybody's business. */
function envText({ inherit, set }: Command["env"]): string | null {
  const names = inherit === "all" ? ["all"] : inherit;
  const parts = [
    names.length === 0 ? "" : `inherits ${names.join(", ")}`,
    Object.keys(set).length === 0 ? "" : `sets ${Object.keys(set).join(", ")}`,
  ].filter((part) => part !== "");
  return parts.join("; ") || null;
}

function codesText(codes: Readonly<Record<string, string>>): string | null {
  const parts = Object.entries(codes).map(([code, meaning]) => (meaning === "" ? code : `${code} (${meaning})`));
  return parts.join(", ") === "0" ? null : parts.join(", ");
}
