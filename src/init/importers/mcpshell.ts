import { type Data, isMap, listOf, mapOf, textOf } from "../data.ts";
import { type Draft, type DraftCommand, type DraftParam, type Value, literal } from "../draft.ts";
import { effectOf } from "../guess.ts";
import type { Importer } from "../importer.ts";
import { type Names, commandNames } from "../names.ts";
import { type Piece, programOf } from "../shell-line.ts";
import { oneLine, sentence } from "../words.ts";

export const mcpShell: Importer = {
  kind: "mcpshell",
  what: "a catalogue of MCPShell",
  recognises: ({ data }) => isMap(data) && isMap(data["mcp"]) && Array.isArray(data["mcp"]["tools"]),
  read: ({ data, fault }, { reserved }) => {
    const root = mapOf(data);
    const mcp = mapOf(root["mcp"]);
    const tools = listOf(mcp["tools"]).filter(isMap);
    if (tools.length === 0) return { refused: fault || "it has no `mcp.tools`" };
    const names = commandNames(reserved.verbs);
    const shell = textOf(mapOf(mcp["run"])["shell"]);
    const made = tools.map((tool) => toolOf(tool, names, shell));
    const about = oneLine(mcp["description"], 600);
    const draft: Draft = {
      name: "mcpshell",
      commands: made.flatMap(({ command }) => command ?? []),
      notes: [...made.flatMap(({ notes }) => notes), ...strangers(root, ["mcp"]), ...strangers(mcp, OWN_KEYS)],
    };
    return about === "" ? draft : { ...draft, instructions: literal(about) };
  },
};

const OWN_KEYS = ["description", "run", "tools"];

function strangers(map: Data, known: readonly string[]): readonly string[] {
  return Object.keys(map)
    .filter((key) => !known.includes(key))
    .map((key) => `\`${oneLine(key, 60)}\``);
}

interface Made {
  readonly command?: DraftCommand;
  readonly notes: readonly string[];
}

function toolOf(tool: Data, names: Names, shell: string): Made {
  const label = `tool \`${oneLine(tool["name"], 100)}\``;
  const run = mapOf(tool["run"]);
  const pieces = piecesOf(textOf(run["command"]));
  if (typeof pieces === "string") return { notes: [`${label}: ${pieces}`] };
  const known = mapOf(tool["params"]);
  const strange = pieces.flatMap((piece) =>
    typeof piece === "string" || Object.hasOwn(known, piece.param) ? [] : [piece.param],
  );
  const odd = Object.keys(known).find(
    (name) => !/^[A-Za-z_]\w{0,63}$/.test(name) || /^(?:flags|workspace|call_id)$/.test(name),
  );
  if (strange.length > 0 || odd !== undefined)
    return { notes: [`${label}: \`${oneLine(strange[0] ?? odd, 60)}\` is not the name of a parameter`] };
  const used = new Set(pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.param])));
  const untyped = Object.entries(known).find(([each, raw]) => used.has(each) && !TYPES.has(typeOf(raw)));
  if (untyped) return { notes: [`${label}: the type of \`${untyped[0]}\` is not understood`] };
  const program = programOf(pieces, {
    shell: /^(?:sh|bash|pwsh)$/.test(shell) ? shell : "sh",
    harmless: new Set(Object.keys(known).filter((each) => typeOf(known[each]) !== "string")),
  });
  if (typeof program === "string") return { notes: [`${label}: ${program}`] };
  const place = placeOf(tool);
  if (typeof place === "string") return { notes: [`${label}: ${place}`] };
  const unused = Object.keys(known).filter((name) => !used.has(name));
  const effect = effectOf(textOf(tool["name"]));
  const name = names.take(textOf(tool["name"]));
  const command = {
    name,
    review: [
      "shell" in program.keys
        ? "it was a shell template; its values are variables of a constant script now."
        : "it was a shell template; it is a list of arguments now, which no shell reads.",
    ],
    effect,
    detail: literal(oneLine(run["command"], 200)),
    keys: {
      description: literal(sentence(textOf(tool["description"])) || `Runs the tool \`${name}\`.`),
      when: wanted(mapOf(tool["requirements"])),
      ...(effect.effect === "destructive" ? { confirm: `Run \`${name}\`?` } : {}),
      ...program.keys,
      constraints: constraintsOf(listOf(tool["constraints"]), unused),
      ...place,
      ...envOf(listOf(run["env"])),
      timeout: timeoutOf(textOf(run["timeout"])),
    },
    params: Object.entries(known)
      .filter(([each]) => used.has(each))
      .map(([each, raw]) => paramOf(each, mapOf(raw), program.bare.has(each))),
  };
  return { command, notes: notesOn(label, tool, unused) };
}

/** Go's templates with values alone; a text where they hold more. */
function piecesOf(command: string): readonly Piece[] | string {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of command.matchAll(/\{\{-?\s*([\s\S]*?)\s*-?\}\}/g)) {
    const param = /^\.(\w+)$/.exec(match[1] ?? "")?.[1];
    if (param === undefined)
      return `its command uses the template \`${oneLine(match[0], 100)}\`; write it with optional groups`;
    pieces.push(command.slice(from, match.index), { param });
    from = match.index + match[0].length;
  }
  return command.trim() === "" ? "it has no command" : [...pieces, command.slice(from)];
}

/** A tool that runs in a container does so here, too; other runners are named among the notes. */
function placeOf(tool: Data): { readonly container?: Value } | string {
  const runners = listOf(tool["runners"] ?? mapOf(tool["run"])["runners"]).filter(isMap);
  const [only] = runners;
  if (runners.length !== 1 || only?.["name"] !== "docker") return {};
  const options = mapOf(only["options"]);
  const image = textOf(options["image"]);
  if (image === "" || options["mounts"] !== undefined) return "it runs in a container whose options are not understood";
  return { container: { image: literal(image), network: options["allow_networking"] === false ? "none" : "bridge" } };
}

function notesOn(label: string, tool: Data, unused: readonly string[]): readonly string[] {
  const runners = listOf(tool["runners"] ?? mapOf(tool["run"])["runners"])
    .map((each) => textOf(mapOf(each)["name"]))
    .filter((name) => !/^(?:exec|docker|)$/.test(name));
  return [
    ...(unused.length > 0 ? [`${label}: its command does not use ${unused.join(", ")}`] : []),
    ...listOf(mapOf(tool["run"])["env"])
      .filter((each) => !ENV_NAME.test(textOf(each)) && !ENV_VALUE.test(textOf(each)))
      .map((each) => `${label}: its environment \`${oneLine(each, 100)}\``),
    ...(isMap(tool["output"]) ? [`${label}: its \`output\` (${Object.keys(tool["output"]).join(", ")})`] : []),
    ...(runners.length > 0
      ? [`${label}: its runners ${oneLine(runners.join(", "), 100)}; \`container\` confines it here`]
      : []),
  ];
}

const TYPES = new Set(["string", "number", "integer", "boolean"]);

function typeOf(raw: unknown): string {
  const type = mapOf(raw)["type"] ?? "string";
  return typeof type === "string" ? type : "";
}

function paramOf(name: string, raw: Data, isBare: boolean): DraftParam {
  const type = typeOf(raw);
  const guard = isBare ? GUARDS[type] : undefined;
  return {
    name,
    schema: {
      type,
      ...guard,
      ...(raw["required"] === true ? { required: true } : {}),
      ...defaultOf(raw["default"], type),
      description: literal(sentence(textOf(raw["description"])) || `The value of \`${name}\`.`),
    },
    ...(guard ? { review: "it may not begin with a dash" } : {}),
  };
}

/** What keeps a value that stands alone from being an option. */
const GUARDS: Readonly<Record<string, DraftParam["schema"]>> = {
  string: { pattern: "[^-][\\s\\S]*" },
  number: { minimum: 0 },
  integer: { minimum: 0 },
};

function defaultOf(value: unknown, type: string): { readonly default?: Value } {
  if (typeof value !== (type === "integer" ? "number" : type) || value === "") return {};
  return { default: typeof value === "string" ? literal(value) : (value as number | boolean) };
}

/** MCPShell's conditions are CEL, as ours. */
function constraintsOf(raw: readonly unknown[], unused: readonly string[]): Value | undefined {
  const checks = raw.filter(
    (each): each is string =>
      typeof each === "string" && !unused.some((name) => new RegExp(String.raw`\b${name}\b`).test(each)),
  );
  return checks.length === 0
    ? undefined
    : checks.map((check) => ({ check: literal(check), message: literal(`this must hold: ${oneLine(check, 200)}`) }));
}

function wanted(requirements: Data): string | undefined {
  const programs = listOf(requirements["executables"])
    .map(textOf)
    .filter((name) => /^[\w.+-]+$/.test(name));
  const system = { darwin: "macos", macos: "macos", linux: "linux", windows: "win32" }[textOf(requirements["os"])];
  const all = [...(system === undefined ? [] : [`os == "${system}"`]), ...programs.map((name) => `program("${name}")`)];
  return all.length === 0 ? undefined : all.join(" && ");
}

const ENV_NAME = /^[A-Za-z_]\w*$/;
const ENV_VALUE = /^([A-Za-z_]\w*)=([^{}]*)$/;

function envOf(raw: readonly unknown[]): { readonly env?: Value } {
  const names = raw.map(textOf).filter((name) => ENV_NAME.test(name));
  const set = raw.map((each) => ENV_VALUE.exec(textOf(each))).filter((match) => match !== null);
  if (names.length + set.length === 0) return {};
  return {
    env: {
      ...Object.fromEntries(set.map(([, name = "", value = ""]) => [name, literal(value)])),
      ...(names.length > 0 ? { inherit: names } : {}),
    },
  };
}

function timeoutOf(text: string): string | undefined {
  return /^\d+(?:ms|s|m|h)$/.test(text) ? text : undefined;
}
