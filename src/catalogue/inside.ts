import type { Command, Parameter } from "../command/command.ts";
import type { Container } from "../command/container.ts";
import { seenAt, shownAlways } from "../command/seen.ts";
import { lonePlace, mentioned } from "../command/template.ts";
import type { Draft } from "./draft.ts";
import { type Node, child, keyAt, toValue } from "./node.ts";
import type { Range } from "./source.ts";

const MOUNT = 'mount it: `mounts: ["${{ workspace }}:/work:ro"]`';

/** With less of these a container does not start: what starts the program inside has the same limits, and needs some itself. */
const LEAST = [
  { limit: "memory", key: "memory", least: 6 * 1024 ** 2, said: "engines give a container 6MiB of memory at least" },
  {
    limit: "openFiles",
    key: "open_files",
    least: 16,
    said: "engines start no program that may open fewer than 16 files",
  },
] as const;

/** Reports what a command in a container could never find there, and what never counts for one. */
export function checkInside(draft: Draft, command: Command, container: Container): void {
  const shown = shownAlways(container);
  const hidden = (path: string): boolean => seenAt(path, shown) === null;
  checkProgram(draft, command, hidden);
  checkWorkspace(draft, command, hidden);
  checkPaths(draft, command, { container, hidden });
  if (draft.get("cwd") !== undefined && container.workdir === null) checkFolder(draft, command, hidden);
  checkLeast(draft, command);
  if (draft.get("isolation") !== undefined)
    draft.warn(
      draft.at("isolation"),
      "never-reached",
      "a container is a namespace of its own, so that `isolation` means nothing for it",
      "remove it",
    );
}

/** A waiting container is made before its call is known. A command's own `warm` is an error then, that of `defaults` is for others. */
export function withoutWaiting(
  draft: Draft,
  container: Container | null,
  params: readonly Parameter[],
): Container | null {
  if (!container || container.warm === 0) return container;
  const isMounted = container.mounts.some(
    ({ source }) => source.kind === "bind" && mentioned(source.path).some((name) => name !== "workspace"),
  );
  const why = isMounted ? "a mount of it is an argument" : params.some(({ asFile }) => asFile) ? "it gets a file" : "";
  if (why === "") return container;
  const block = draft.node.entries.get("container")?.value;
  const own = block && child(block, "warm");
  if (own && own.kind === "scalar" && own.value !== 0)
    draft.error(
      own,
      "container-warm",
      `no container can wait for this command: ${why}, and a waiting one was made before its arguments were known`,
      "remove `warm`",
    );
  return { ...container, warm: 0 };
}

function checkProgram(draft: Draft, { program }: Command, hidden: (path: string) => boolean): void {
  if (program.kind !== "argv" || program.path === null || !hidden(program.path)) return;
  const key = ["run", "script"].find((each) => draft.mayHave(each)) ?? "name";
  const node = draft.nodeOf(key);
  const first = node?.kind === "sequence" ? node.items[0] : node;
  const message = `the container does not see ${program.path}`;
  draft.error(first ?? draft.at(key), "container-path", message, MOUNT);
}

function checkWorkspace(draft: Draft, { workspace }: Command, hidden: (path: string) => boolean): void {
  const key = ["run", "args", "stdin", "env"].find((each) => placeOf(draft.nodeOf(each)) !== undefined);
  const place = key === undefined ? undefined : placeOf(draft.nodeOf(key));
  if (place && hidden(workspace))
    draft.error(place, "container-path", "the container does not see the workspace", MOUNT);
}

/** The first text that mentions the workspace. */
function placeOf(node: Node | undefined): Range | undefined {
  if (!node) return undefined;
  if (node.kind === "scalar")
    return typeof node.value === "string" && /\$\{\{\s*workspace\s*\}\}/.test(node.value) ? node : undefined;
  const inner = node.kind === "sequence" ? node.items : Array.from(node.entries.values(), ({ value }) => value);
  return inner.map(placeOf).find((place) => place !== undefined);
}

interface Seen {
  readonly container: Container;
  readonly hidden: (path: string) => boolean;
}

function checkPaths(draft: Draft, { params }: Command, { container, hidden }: Seen): void {
  const mounted = new Set(
    container.mounts.flatMap(({ source }) => (source.kind === "bind" ? [lonePlace(source.path)] : [])),
  );
  const nodes = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name, path } of params) {
    const root = mounted.has(name) ? undefined : path?.roots.find(hidden);
    if (root === undefined) continue;
    const node = child(nodes, name);
    const isList = node?.kind === "mapping" && typeof (toValue(node) as { items?: unknown }).items === "object";
    draft.error(
      keyAt(nodes, name),
      "container-path",
      `"${name}" leads into ${root}, which the container does not see`,
      isList ? "mount that" : `mount that, or the path itself: \`"\${{ ${name} }}:/${name}"\``,
    );
  }
}

function checkFolder(draft: Draft, { cwd }: Command, hidden: (path: string) => boolean): void {
  const [only, ...more] = cwd;
  if (typeof only === "string" && more.length === 0 && hidden(only))
    draft.error(
      draft.nodeOf("cwd") ?? draft.at("cwd"),
      "container-path",
      `the container does not see ${only}`,
      `${MOUNT}, or set \`workdir\``,
    );
}

function checkLeast(draft: Draft, { limits }: Command): void {
  const block = draft.nodeOf("limits");
  for (const { limit, key, least, said } of LEAST) {
    if ((limits[limit] ?? least) >= least) continue;
    const own = block && child(block, key);
    draft.error(own ?? draft.at("container"), "bad-value", said, "allow it more");
  }
}
