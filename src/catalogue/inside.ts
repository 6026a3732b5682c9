import type { Command } from "../command/command.ts";
import type { Container } from "../command/container.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { holds } from "../command/unsafe.ts";
import type { Draft } from "./draft.ts";
import { keyAt } from "./node.ts";

const MOUNT = 'mount it: `mounts: ["${{ workspace }}:/work:ro"]`';

/** Reports what a command in a container could never find there, and what never counts for one. */
export function checkInside(draft: Draft, command: Command, container: Container): void {
  const hidden = (path: string): boolean => !container.mounts.some(({ source }) => holdsPath(source, path));
  checkProgram(draft, command, hidden);
  checkPlaces(draft, command, { container, hidden });
  checkWarm(draft, command, container);
  if (draft.get("isolation") !== undefined)
    draft.warn(
      draft.at("isolation"),
      "never-reached",
      "a container is a namespace of its own, so that `isolation` means nothing for it",
      "remove it",
    );
}

/** Where the path is constant, as that of a parameter is known only when it is called. */
function holdsPath(source: Container["mounts"][number]["source"], path: string): boolean {
  if (source.kind === "volume") return false;
  const [only] = source.path;
  return typeof only === "string" && holds(only, path);
}

function checkProgram(draft: Draft, { program }: Command, hidden: (path: string) => boolean): void {
  if (program.kind !== "argv" || program.path === null || !hidden(program.path)) return;
  const message = `the container does not see ${program.path}`;
  draft.error(draft.at(draft.get("run") === undefined ? "script" : "run"), "container-path", message, MOUNT);
}

interface Seen {
  readonly container: Container;
  readonly hidden: (path: string) => boolean;
}

function checkPlaces(draft: Draft, command: Command, { container, hidden }: Seen): void {
  const used = new Set(templatesOf(command).flatMap(mentioned));
  const mounted = new Set(
    container.mounts.flatMap(({ source }) => (source.kind === "bind" ? [lonePlace(source.path)] : [])),
  );
  if (used.has("workspace") && hidden(command.workspace))
    draft.error(draft.at("run"), "container-path", `the container does not see the workspace`, MOUNT);
  const params = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name, path, flag, positional } of command.params) {
    const isPassed = used.has(name) || flag !== null || positional || command.program.kind === "shell";
    const root = isPassed && !mounted.has(name) ? path?.roots.find(hidden) : undefined;
    if (root !== undefined)
      draft.error(
        keyAt(params, name),
        "container-path",
        `"${name}" leads into ${root}, which the container does not see`,
        `mount that, or the path itself: \`"\${{ ${name} }}:/${name}"\``,
      );
  }
  if (draft.get("cwd") !== undefined && container.workdir === null) checkFolder(draft, command, hidden);
}

function checkFolder(draft: Draft, { cwd }: Command, hidden: (path: string) => boolean): void {
  const [only, ...more] = cwd;
  if (typeof only === "string" && more.length === 0 && hidden(only))
    draft.error(
      draft.at("cwd"),
      "container-path",
      `the container does not see ${only}`,
      `${MOUNT}, or set \`workdir\``,
    );
}

function templatesOf({ program, stdin, env }: Command): readonly Template[] {
  const items = program.kind === "argv" ? program.items : [];
  const elements = items.flatMap((item) =>
    item.kind === "group" ? item.elements : item.kind === "element" ? [item] : [],
  );
  return [...elements.map(({ template }) => template), stdin ?? [], ...Object.values(env.set)];
}

/** A waiting container was made before its call was known. */
function checkWarm(draft: Draft, { params }: Command, { warm, mounts }: Container): void {
  if (warm === 0) return;
  const isMounted = mounts.some(({ source }) => source.kind === "bind" && mentioned(source.path).length > 0);
  const why = isMounted ? "a mount of it is an argument" : params.some(({ asFile }) => asFile) ? "it gets a file" : "";
  if (why !== "")
    draft.error(
      draft.at("container"),
      "container-warm",
      `no container can wait for this command: ${why}, and a waiting one was made before its arguments were known`,
      "remove `warm`",
    );
}
