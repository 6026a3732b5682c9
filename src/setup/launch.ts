import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Start } from "./entry.ts";
import type { Where } from "./place.ts";

/** What runs now, and what it is to serve. */
export interface Running {
  readonly where: Where;
  readonly cwd: string;
  /** The path of this Node, and of the program that it runs. */
  readonly node: string;
  readonly program: string;
  readonly catalogue: string;
  readonly workspace: string | undefined;
  readonly pass: readonly string[];
}

/** How a client starts this mcpfier: with absolute paths only, because its PATH and its working directory are its own. */
export function launchOf({ where, cwd, node, program, catalogue, workspace, pass }: Running): Start {
  const inWorkspace = workspace === undefined ? [] : ["--workspace", resolve(cwd, workspace)];
  return {
    command: lastingNode(node, where),
    args: [realpathSync(program), "serve", "--config", resolve(cwd, catalogue), ...inWorkspace],
    pass,
  };
}

/** Why an entry may stop working by itself; undefined when nothing is known. */
export function frailtyOf({ command, args: [program = ""] }: Start): string | undefined {
  if (/[\\/]_npx[\\/]/.test(program))
    return `${program} is in npx's cache, which is emptied: install mcpfier, and register it again`;
  return isManaged(command)
    ? `${command} belongs to a version manager and goes with its next upgrade: run \`mcpfier setup\` again then`
    : undefined;
}

/** A link that stays when versions change, where it leads to this very Node. */
function lastingNode(node: string, { platform }: Where): string {
  if (platform === "win32" || !isManaged(node)) return node;
  return LASTING.find((path) => realpathOf(path) === realpathOf(node)) ?? node;
}

const LASTING = [
  "/opt/homebrew/bin/node",
  "/usr/local/bin/node",
  "/usr/bin/node",
  "/home/linuxbrew/.linuxbrew/bin/node",
];

function isManaged(path: string): boolean {
  return /[\\/](?:\.?nvm|\.?fnm|fnm_multishells|mise|\.?asdf|\.?volta|\.?nodenv|\.?n|Cellar)[\\/]/i.test(path);
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
