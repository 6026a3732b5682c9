import type { Host } from "../base/host.ts";
import { type Problem, isError } from "../base/problem.ts";
import { redact } from "../base/secret.ts";
import { checkApart } from "./apart.ts";
import type { Catalogue } from "./catalogue.ts";
import { isWanted } from "./constraints.ts";
import { BUILT_IN, type Defaults, readDefaults } from "./defaults.ts";
import type { Command } from "../command/command.ts";
import { type Draft, type Setting, createDraft } from "./draft.ts";
import { type CatalogueFile, readFiles } from "./files.ts";
import { type Ignore, ignoresOf, isIgnored } from "./ignores.ts";
import { createInterpolator } from "./interpolate.ts";
import { loginPath } from "./login-path.ts";
import { type Read, checkNeeds } from "./needs.ts";
import type { Known } from "./use.ts";
import { readCommand } from "./normalize.ts";
import { readPrompts } from "./prompts.ts";
import { readResources } from "./resources.ts";
import { checkPermissions } from "./permissions.ts";
import { readerWithoutParameters } from "./places.ts";
import { createIconRoom, readIcons } from "./icons.ts";
import { shownText } from "./shown-text.ts";
import { type Report, createReport } from "./report.ts";
import { SETTINGS, readSettings } from "./settings.ts";
import { place } from "./source.ts";
import { child, valueAt } from "./node.ts";
import { withoutWorkspace } from "./unknown-workspace.ts";
import { type WorkspaceOptions, readWorkspace } from "./workspace.ts";
import { type Fact, createWorld } from "./world.ts";

const ONLY_FIXED = "set it at each command whose parameter it needs";

export interface LoadOptions extends WorkspaceOptions {
  readonly host: Host;
  /** Words of the command line, for the warnings about clashing names. */
  readonly reserved: Setting["reserved"];
  /** What is read instead of what the main file holds. */
  readonly text?: string | undefined;
  /** Looks at more than whether it can be used; what it finds is told with the other problems. */
  readonly look?: ((reading: Reading) => readonly Problem[]) | undefined;
}

/** A catalogue as it was read, with the places of everything. */
export interface Reading {
  readonly files: readonly CatalogueFile[];
  /** Of all commands that could be read, those too that do not exist on this machine. */
  readonly read: readonly Read[];
  /** Those that do. */
  readonly commands: readonly Command[];
  readonly ignores: readonly Ignore[];
  /** What was found so far, with what is ignored. */
  readonly problems: readonly Problem[];
  readonly host: Host;
}

export interface Loaded {
  /** Null when there is an error among the problems. */
  readonly catalogue: Catalogue | null;
  /** Of all files, in their order and in the order of their places. */
  readonly problems: readonly Problem[];
  /** The real paths of the files that were read. */
  readonly files: readonly string[];
  /** What the machine was asked, with digests of its answers. */
  readonly facts: readonly Fact[];
  /** Whether the facts are all that it depends on; not so when a login shell was asked. */
  readonly isReproducible: boolean;
  /** Whether a value of the host's environment was filled into it. */
  readonly holdsEnvironment: boolean;
}

/** Reads and checks a catalogue with all that it includes, and reports all problems in one run. */
export async function loadCatalogue(file: string, options: LoadOptions): Promise<Loaded> {
  const report = createReport();
  const world = createWorld(options.host);
  const interpolator = createInterpolator(world);
  const files = readFiles(file, world, interpolator, report, options.text);
  const [main] = files;
  const facts = (): Pick<Loaded, "facts" | "holdsEnvironment"> => ({
    facts: world.facts(),
    holdsEnvironment: interpolator.hasFilled(),
  });
  if (!main) return { catalogue: null, problems: report.problems, files: [], isReproducible: true, ...facts() };
  const wantsLogin = files.some(({ root }) => valueAt(root, "defaults", "env", "login_path") === true);
  const path = wantsLogin ? await loginPath(options.host) : options.host.path;
  const workspace = readWorkspace(main, options, world, report);
  const paths = files.map((each) => each.source.path);
  const unset = new Map(files.flatMap((each) => Array.from(each.unset)));
  const { reserved } = options;
  const iconRoom = createIconRoom();
  const setting = { world, path, workspace: workspace.path, files: paths, interpolator, iconRoom, unset, reserved };
  const { known, read } = await readCommands(files, setting, report);
  const resources = readResources(draftsIn(files, "resources", report), known, setting);
  const prompts = readPrompts(draftsIn(files, "prompts", report), { known, resources, setting });
  checkPermissions(files, report);
  const own = mainDraft(main, report);
  const settings = own ? readSettings(own, world) : SETTINGS;
  const told = own ? toldBy(own, setting) : NOTHING_TOLD;
  const ignores = ignoresOf(files);
  const reading = { files, read, commands: known.commands, ignores, problems: report.problems, host: options.host };
  const found = [...report.problems, ...(options.look?.(reading) ?? [])].filter((each) => !isIgnored(each, ignores));
  const problems = withoutSecrets(inOrder(found, files), interpolator.secrets);
  const loaded = { problems, files: paths, isReproducible: !wantsLogin, ...facts() };
  if (problems.some(isError)) return { ...loaded, catalogue: null };
  const catalogue = {
    file: main.source.path,
    files: paths,
    ...told,
    workspace,
    settings,
    commands: known.commands,
    resources: resources.list,
    prompts,
    secrets: [...interpolator.secrets],
    path,
  };
  return { ...loaded, catalogue: workspace.isUnknown ? withoutWorkspace(catalogue) : catalogue };
}

async function readCommands(
  files: readonly CatalogueFile[],
  setting: Setting,
  report: Report,
): Promise<{ readonly known: Known; readonly read: readonly Read[] }> {
  const read: Read[] = [];
  const all: Read[] = [];
  const unwanted = new Set<string>();
  const broken = new Set<string>();
  const names = new Map<string, string>();
  const defaultsOf = new Map<CatalogueFile | null, Defaults>();
  for (const file of files) {
    const defaults = readFileDefaults(file, defaultsOf.get(file.parent) ?? BUILT_IN, setting, report);
    defaultsOf.set(file, defaults);
    for (const draft of draftsOf(file, "commands", report)) {
      checkUnique(draft, names);
      const wanted = await isWanted(draft, setting);
      const command = await readCommand(wanted ? draft : withoutPrograms(draft), defaults, setting);
      if (command) all.push({ draft, command });
      if (command && wanted) read.push({ draft, command });
      else (wanted ? broken : unwanted).add(draft.text("name"));
    }
  }
  checkNeeds(read, { unwanted, broken });
  checkApart(read);
  return { known: { commands: read.map(({ command }) => command), unwanted, broken }, read: all };
}

function mainDraft({ source, root, faults }: CatalogueFile, report: Report): Draft | null {
  return root.kind === "mapping" ? createDraft(source, root, faults, report) : null;
}

type Told = Pick<Catalogue, "name" | "title" | "instructions" | "icons">;

const NOTHING_TOLD: Told = { name: "mcpfier", title: "", instructions: "", icons: [] };

/** What the server says of itself. */
function toldBy(draft: Draft, setting: Setting): Told {
  return {
    name: shownText(draft, "name") || NOTHING_TOLD.name,
    title: shownText(draft, "title"),
    instructions: shownText(draft, "instructions"),
    icons: readIcons(draft, setting),
  };
}

function readFileDefaults(
  { source, root, faults }: CatalogueFile,
  before: Defaults,
  setting: Setting,
  report: Report,
): Defaults {
  const node = child(root, "defaults");
  if (node?.kind !== "mapping") return before;
  return readDefaults(readerWithoutParameters(createDraft(source, node, faults, report), ONLY_FIXED), before, setting);
}

function draftsIn(files: readonly CatalogueFile[], key: string, report: Report): readonly Draft[] {
  return files.flatMap((file) => draftsOf(file, key, report));
}

function draftsOf({ source, root, faults }: CatalogueFile, key: string, report: Report): readonly Draft[] {
  const list = child(root, key);
  const items = list?.kind === "sequence" ? list.items : [];
  return items.flatMap((node) => (node.kind === "mapping" ? [createDraft(source, node, faults, report)] : []));
}

/** A command that does not exist here needs no program here; all its mistakes are mistakes still. */
function withoutPrograms(draft: Draft): Draft {
  return {
    ...draft,
    warn: (range, rule, message, hint) => {
      if (rule !== "program-missing") draft.warn(range, rule, message, hint);
    },
  };
}

/** Clients and file systems differ on whether case counts, so names that differ only in case are one name too many. */
function checkUnique(draft: Draft, names: Map<string, string>): void {
  const name = draft.get("name");
  if (typeof name !== "string") return;
  const node = draft.nodeOf("name") ?? draft.node;
  const { line, column } = place(draft.source.text, node);
  const first = names.get(name.toLowerCase());
  if (first === undefined) names.set(name.toLowerCase(), `"${name}" at ${draft.source.file}:${line}:${column}`);
  else draft.error(node, "duplicate-name", `the name "${name}" is taken by ${first}`, "give it another name");
}

/** What was filled in from the environment may stand in a message. */
function withoutSecrets(problems: readonly Problem[], secrets: ReadonlySet<string>): readonly Problem[] {
  if (secrets.size === 0) return problems;
  const clean = (text: string): string => redact(text, secrets);
  return problems.map(({ message, hint, ...rest }) => ({ ...rest, message: clean(message), hint: clean(hint) }));
}

function inOrder(problems: readonly Problem[], files: readonly CatalogueFile[]): readonly Problem[] {
  const rank = new Map(files.map((each, index) => [each.source.file, index]));
  return problems.toSorted(
    (a, b) => (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
  );
}
