import { type Command, NO_PROGRAM, type Retry, type ShellProgram } from "../command/command.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { readAsk } from "./ask.ts";
import { completeContainer } from "./container.ts";
import { checkInside, withoutWaiting } from "./inside.ts";
import { readConstraints } from "./constraints.ts";
import { BUILT_IN, type Defaults, readDefaults } from "./defaults.ts";
import { type Draft, type Setting, folderAt } from "./draft.ts";
import { checkNoProgram, checkTests } from "./hook-clash.ts";
import { readIcons } from "./icons.ts";
import { readNeeds } from "./needs.ts";
import { keyAt } from "./node.ts";
import { readParams } from "./params.ts";
import { type Reader, checkArrayInText, readerOf, spreads, templateOf, textTemplateOf } from "./places.ts";
import { readProgram } from "./program.ts";
import { warnPointless } from "./pointless.ts";
import { readDuration } from "./quantity.ts";
import { shownText } from "./shown-text.ts";
import { readTests } from "./tests.ts";
import { namesOf, readWebhook } from "./webhook.ts";

/** Reads one command, reports what is wrong with it, and fills every default in; null where it cannot be used. */
export async function readCommand(draft: Draft, before: Defaults, setting: Setting): Promise<Command | null> {
  const shell = draft.get("shell");
  const params = readParams(draft, shell !== undefined && shell !== false, setting);
  const reader = readerOf(draft, params);
  const defaults = readDefaults(reader, before, setting);
  const stdin = readText(reader, "stdin");
  const confirm = readText(reader, "confirm");
  const cwd = readCwd(reader, setting);
  const constraints = await readConstraints(draft, params);
  const name = draft.text("name");
  const effect = (draft.get("effect") as Command["effect"] | undefined) ?? "write";
  const idempotent = (draft.get("idempotent") as boolean | undefined) ?? effect === "read";
  const isRepeatable = idempotent || effect === "read";
  const description = shownText(draft, "description");
  const tests = readTests(draft, name, params);
  checkTests(draft);
  if (description.trim() === "") warnUndescribed(draft, name);
  if (setting.reserved.verbs.includes(name)) warnClash(draft, name);
  const deed = readDeed(reader, { defaults, isRepeatable, setting });
  if (!deed) return null;
  const command: Command = {
    name,
    title: shownText(draft, "title"),
    description,
    icons: readIcons(draft, setting),
    params: params.list,
    inputSchema: params.inputSchema,
    ask: readAsk(draft, params),
    stdin,
    cwd,
    workspace: setting.workspace,
    lacksWorkspace: false,
    unset: setting.unset.get(draft.node) ?? [],
    ...defaults,
    ...deed,
    isolation: (draft.get("isolation") as Command["isolation"] | undefined) ?? "auto",
    idleTimeoutMs: readDuration(draft, "idle_timeout"),
    progress: (draft.get("progress") as Command["progress"] | undefined) ?? "lines",
    handoffMs: readDuration(draft, "handoff"),
    queue: (draft.get("queue") as number | undefined) ?? null,
    needs: readNeeds(draft),
    cacheMs: readCache(draft, effect),
    okExitCodes: readExitCodes(draft.get("ok_exit_codes")),
    effect,
    idempotent,
    openWorld: (draft.get("open_world") as boolean | undefined) ?? true,
    confirm,
    constraints: constraints.list,
    tests,
  };
  // Whoever mends a mistake may mention the parameter there.
  if (draft.isSound()) {
    warnUnused(draft, command, constraints.names);
    warnPointless(draft, command);
    if (deed.container) checkInside(draft, command, deed.container);
  }
  return command;
}

/** What carries a command out. */
type Deed = Pick<Command, "program" | "container" | "webhook" | "limits" | "retry">;

interface DeedOptions {
  readonly defaults: Defaults;
  readonly isRepeatable: boolean;
  readonly setting: Setting;
}

function readDeed(reader: Reader, options: DeedOptions): Deed | null {
  return reader.draft.mayHave("webhook") ? readRequest(reader, options) : readRun(reader, options);
}

function readRun(reader: Reader, { defaults, isRepeatable, setting }: DeedOptions): Deed | null {
  const { draft, params } = reader;
  const container = withoutWaiting(draft, completeContainer(draft, defaults.container), params.list);
  const program = readProgram(reader, defaults, setting);
  const retry = readOwnRetry(draft, defaults, isRepeatable);
  return program && { program, container, webhook: null, limits: defaults.limits, retry };
}

/** What `defaults` say of programs is for others. */
function readRequest({ draft, params }: Reader, { defaults, isRepeatable }: DeedOptions): Deed | null {
  checkNoProgram(draft, params);
  const isFree = defaults.output.format === "text" && !saysFormat(draft);
  const webhook = readWebhook(draft, { params, idempotent: isRepeatable, isFree });
  const limits = { ...BUILT_IN.limits, output: defaults.limits.output };
  return webhook && { program: NO_PROGRAM, container: null, webhook, limits, retry: null };
}

function saysFormat(draft: Draft): boolean {
  const output = draft.nodeOf("output");
  return output?.kind === "mapping" && output.entries.has("format");
}

function warnUndescribed(draft: Draft, name: string): void {
  if (draft.mayHave("description") && draft.get("description") === undefined) return;
  draft.warn(
    draft.at("name"),
    "missing-description",
    `"${name}" has no description, so a model must guess what it does`,
    "add `description:`",
  );
}

function warnClash(draft: Draft, name: string): void {
  draft.warn(
    draft.at("name"),
    "name-clash",
    `\`mcpfier ${name}\` is a command of mcpfier itself`,
    `on the command line, call it by \`mcpfier run ${name}\``,
  );
}

function readText(reader: Reader, key: "stdin" | "confirm"): Template | null {
  const node = reader.draft.nodeOf(key);
  return node?.kind === "scalar" ? textTemplateOf(reader, node) : null;
}

/** A constant folder, or one path parameter: other text could lead anywhere. */
function readCwd(reader: Reader, setting: Setting): Template {
  const { draft, params, names } = reader;
  const { workspace } = setting;
  const node = draft.nodeOf("cwd");
  if (node?.kind !== "scalar") return [workspace];
  const template = templateOf(reader, node);
  const name = lonePlace(template) ?? "";
  if (mentioned(template).every((each) => each === "workspace"))
    return [folderAt(template.map((part) => (typeof part === "string" ? part : workspace)).join(""), setting)];
  const parameter = params.list.find((each) => each.name === name);
  if (spreads(params, name)) checkArrayInText(reader, node, name);
  else if ((!parameter?.path || parameter.join !== null) && mentioned(template).every((each) => names.has(each)))
    draft.error(
      node,
      "cwd-placeholder",
      "the working directory is a constant folder or one parameter of `type: path`",
      "give the parameter `type: path`, and write only its placeholder",
    );
  return template;
}

/** A command that must not run twice has none: its own `retry` is an error, that of `defaults` is for others. */
function readOwnRetry(draft: Draft, { retry }: Defaults, isRepeatable: boolean): Retry | null {
  if (isRepeatable) return retry;
  if (draft.get("retry") !== undefined)
    draft.error(
      draft.at("retry"),
      "retry",
      "only a command that may run twice can be tried again",
      "set `effect: read` or `idempotent: true` if that is so, or remove it",
    );
  return null;
}

function readCache(draft: Draft, effect: Command["effect"]): number | null {
  const node = draft.nodeOf("cache");
  if (node?.kind !== "mapping") return null;
  if (effect !== "read")
    draft.error(
      draft.at("cache"),
      "cache",
      "only the result of a command that changes nothing can be used again",
      "set `effect: read` if that is so, or remove it",
    );
  return readDuration(draft.inside(node), "ttl");
}

function readExitCodes(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return { 0: "" };
  return Array.isArray(value)
    ? Object.fromEntries(value.map((code) => [String(code), ""]))
    : (value as Record<string, string>);
}

function warnUnused(draft: Draft, command: Command, inConstraints: readonly string[]): void {
  const used = new Set([...usedNames(command), ...inConstraints]);
  const { program } = command;
  const params = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name, flag, positional } of command.params) {
    if (flag || positional || used.has(name)) continue;
    if (program.kind === "shell" && isInScript(program, name)) continue;
    const hint =
      program.kind === "shell"
        ? `use $arg_${name} in the script`
        : `write \`\${{ ${name} }}\` where it belongs, or give it a \`flag\``;
    draft.warn(
      keyAt(params, name),
      "unused-parameter",
      `nothing mentions the parameter "${name}", so its value is lost`,
      hint,
    );
  }
}

function isInScript({ script }: ShellProgram, name: string): boolean {
  return new RegExp(`(?<!\\w)arg_${name}(?!\\w)`).test(script);
}

function usedNames({ program, cwd, stdin, confirm, env, container, webhook }: Command): readonly string[] {
  const items = program.kind === "argv" ? program.items : [];
  const elements = items.flatMap((item) =>
    item.kind === "group" ? item.elements : item.kind === "element" ? [item] : [],
  );
  const mounted = (container?.mounts ?? []).map(({ source }) => (source.kind === "bind" ? source.path : []));
  const own = [
    cwd,
    stdin ?? [],
    confirm ?? [],
    ...Object.values(env.set),
    ...elements.map((element) => element.template),
  ];
  return [...[...own, ...mounted].flatMap(mentioned), ...(webhook ? namesOf(webhook) : [])];
}
