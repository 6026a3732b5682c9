import { type Data, isMap, listOf, mapOf, textOf } from "../data.ts";
import { type Draft, type DraftCommand, type DraftParam, type Guess, type Value, literal, placeOf } from "../draft.ts";
import { effectOf } from "../guess.ts";
import type { Importer, Setting } from "../importer.ts";
import { schemaOf } from "../json-schema.ts";
import { type Names, commandNames, paramNames } from "../names.ts";
import { type Inputs, type Invocation, fromHttp } from "../service-call.ts";
import { type Piece, programOf } from "../shell-line.ts";
import { oneLine, sentence } from "../words.ts";

export const genMcp: Importer = {
  kind: "gen-mcp",
  what: "a catalogue of gen-mcp (mcpfile.yaml)",
  recognises: ({ data }) => isMap(data) && ("mcpFileVersion" in data || data["kind"] === "MCPToolDefinitions"),
  read: ({ data, fault }, setting) => {
    const root = mapOf(data);
    const tools = [root, ...listOf(root["servers"])].flatMap((each) => listOf(mapOf(each)["tools"])).filter(isMap);
    if (tools.length === 0) return { refused: fault || "it has no `tools`" };
    const names = commandNames(setting.reserved.verbs);
    const made = tools.map((tool) => toolOf(tool, names, setting));
    const others = ["prompts", "resources", "resourceTemplates", "runtime"].filter((key) => root[key] !== undefined);
    const draft: Draft = {
      name: literal(oneLine(root["name"], 100) || "gen-mcp"),
      commands: made.flatMap(({ command }) => command ?? []),
      notes: [...made.flatMap(({ notes }) => notes), ...others.map((key) => `\`${key}\``)],
    };
    const about = oneLine(root["instructions"], 600);
    return about === "" ? draft : { ...draft, instructions: literal(about) };
  },
};

interface Made {
  readonly command?: DraftCommand;
  readonly notes: readonly string[];
}

function toolOf(tool: Data, names: Names, { reserved }: Setting): Made {
  const label = `tool \`${oneLine(tool["name"], 100)}\``;
  const { http, cli } = mapOf(tool["invocation"]);
  const lost: string[] = [];
  const inputs = inputsOf(mapOf(tool["inputSchema"]), paramNames(reserved.options), lost);
  const made = isMap(cli)
    ? fromCli(cli, inputs)
    : isMap(http)
      ? fromHttp(http, inputs)
      : "its `invocation` is neither `cli` nor `http`";
  if (typeof made === "string") return { notes: [`${label}: ${made}`] };
  const name = names.take(textOf(tool["name"]));
  const effect = effectFor(tool, textOf(mapOf(http)["method"]).toUpperCase());
  const scopes = listOf(tool["requiredScopes"]).length > 0 ? [`${label}: its \`requiredScopes\``] : [];
  return {
    command: {
      name,
      review: made.review,
      effect,
      detail: literal(
        oneLine(mapOf(cli)["command"] ?? `${textOf(mapOf(http)["method"])} ${textOf(mapOf(http)["url"])}`, 200),
      ),
      keys: {
        title: oneLine(tool["title"], 100) === "" ? undefined : literal(oneLine(tool["title"], 100)),
        description: literal(sentence(textOf(tool["description"])) || `Runs the tool \`${name}\`.`),
        ...(effect.effect === "destructive" ? { confirm: `Run \`${name}\`?` } : {}),
        ...made.keys,
      },
      params: made.params,
    },
    notes: [...[...lost, ...made.notes].map((note) => `${label}: ${note}`), ...scopes],
  };
}

function effectFor(tool: Data, method: string): Guess {
  const hints = mapOf(tool["annotations"]);
  if (hints["readOnlyHint"] === true) return { effect: "read", from: "" };
  if (hints["destructiveHint"] === true) return { effect: "destructive", from: "" };
  if (method === "DELETE") return { effect: "destructive", from: "" };
  return method === "GET" || method === "HEAD"
    ? { effect: "read", from: "" }
    : method === ""
      ? effectOf(textOf(tool["name"]))
      : { effect: "write", from: "" };
}

function inputsOf(schema: Data, names: Names, lost: string[]): Inputs {
  const required = new Set(listOf(schema["required"]));
  return new Map(
    Object.entries(mapOf(schema["properties"])).map(([key, raw]) => {
      const words = schemaOf(
        raw,
        () => undefined,
        [],
        (loss) => lost.push(`of \`${oneLine(key, 100)}\`, ${loss}`),
      );
      const need = required.has(key) ? { required: true } : {};
      return [
        key,
        {
          name: names.take(key),
          schema: {
            ...words,
            ...need,
            description: words["description"] ?? literal(`The value of \`${oneLine(key, 60)}\`.`),
          },
        },
      ];
    }),
  );
}

/** A switch, or an option with its value, at the place of one word. */
interface Option {
  readonly words: readonly string[];
  readonly param: DraftParam;
}

function fromCli(cli: Data, inputs: Inputs): Invocation | string {
  const variables = mapOf(cli["templateVariables"]);
  const params = new Map<string, DraftParam>();
  const options = new Map<string, Option>();
  const pieces: Piece[] = [];
  let from = 0;
  const command = textOf(cli["command"]);
  for (const match of command.matchAll(/\{(\w+)\}/g)) {
    const variable = mapOf(variables[match[1] ?? ""]);
    const input = inputs.get(textOf(variable["property"]) || (match[1] ?? ""));
    if (!input) return `\`${match[0]}\` is none of its inputs`;
    const format = textOf(variable["format"]);
    if (format !== "") options.set(input.name, { words: format.trim().split(/\s+/), param: input });
    params.set(input.name, input);
    pieces.push(command.slice(from, match.index), { param: input.name });
    from = match.index + match[0].length;
  }
  const line = [...pieces, command.slice(from)];
  const setting = { shell: "sh", harmless: harmlessOf(params) };
  const program = programOf(line, setting);
  if (typeof program === "string") return program;
  const whole = programOf(
    line.flatMap((piece) => piecesOf(piece, options)),
    setting,
  );
  if (typeof whole === "string") return whole;
  if ("shell" in program.keys)
    return options.size > 0
      ? "its options stand inside of a shell script; write it as a list of arguments"
      : {
          keys: program.keys,
          params: [...params.values()].map((param) => guarded(param, new Map(), program.bare.has(param.name))),
          review: [SHELL],
          notes: unused(inputs, params),
        };
  return withOptions(program.keys.run, { params, options, bare: program.bare, notes: unused(inputs, params) });
}

/** Parameters that no model writes a text into. */
function harmlessOf(params: ReadonlyMap<string, DraftParam>): ReadonlySet<string> {
  return new Set([...params.values()].filter(isHarmless).map(({ name }) => name));
}

function isHarmless({ schema }: DraftParam): boolean {
  return Array.isArray(schema["enum"]) || /^(?:integer|number|boolean)$/.test(textOf(schema["type"]));
}

/** A piece as its format writes it. */
function piecesOf(piece: Piece, options: ReadonlyMap<string, Option>): readonly Piece[] {
  const words = typeof piece === "string" ? undefined : options.get(piece.param)?.words;
  return words
    ? words
        .join(" ")
        .split(/(\{\w+\})/)
        .map((part) => (part.startsWith("{") ? piece : part))
    : [piece];
}

const SHELL = "it was a shell template; its values are variables of a constant script now.";

function unused(inputs: Inputs, used: ReadonlyMap<string, DraftParam>): readonly string[] {
  const names = [...inputs.values()].map(({ name }) => name).filter((name) => !used.has(name));
  return names.length === 0 ? [] : [`its command does not use ${names.join(", ")}`];
}

interface Line {
  readonly params: ReadonlyMap<string, DraftParam>;
  readonly options: ReadonlyMap<string, Option>;
  readonly bare: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/** Formats become groups and flags; switches all stand where the first of them stood. */
function withOptions(words: readonly string[], { params, options, bare, notes }: Line): Invocation | string {
  const run: Value[] = [];
  const flags = new Map<string, string>();
  for (const word of words) {
    const name = /^\$\{\{ (\w+) \}\}$/.exec(word)?.[1];
    const option = options.get(name ?? "");
    if (!option) run.push(word);
    else {
      const filled = option.words.map((each) => literal(each).replaceAll(/\{\w+\}/g, () => placeOf(name ?? "")));
      const isSwitch = !filled.some((each) => each.includes("${{"));
      if (isSwitch && (option.param.schema["type"] !== "boolean" || filled.length !== 1))
        return `\`${oneLine(option.words.join(" "), 60)}\` has no place for its value`;
      if (!isSwitch) run.push(filled.length === 1 ? (filled[0] ?? "") : filled);
      else if (flags.size === 0) run.push("${{ flags }}");
      if (isSwitch) flags.set(name ?? "", filled[0] ?? "");
    }
  }
  return {
    keys: { run },
    params: [...params.values()].map((param) =>
      guarded(param, flags, bare.has(param.name) && !options.has(param.name)),
    ),
    review: ["it was a shell template; it is a list of arguments now, which no shell reads."],
    notes,
  };
}

function guarded({ name, schema }: DraftParam, flags: ReadonlyMap<string, string>, isBare: boolean): DraftParam {
  const flag = flags.get(name);
  if (flag !== undefined) return { name, schema: { ...schema, flag } };
  const isText = schema["type"] === "string" && schema["enum"] === undefined && schema["pattern"] === undefined;
  if (isBare && isText)
    return { name, schema: { ...schema, pattern: "[^-].*" }, review: "it may not begin with a dash" };
  const isNumber = schema["type"] === "integer" || schema["type"] === "number";
  return isBare && isNumber && schema["minimum"] === undefined
    ? { name, schema: { ...schema, minimum: 0 }, review: "it may not be negative" }
    : { name, schema };
}
