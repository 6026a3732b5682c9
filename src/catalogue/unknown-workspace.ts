import { type Command, executorOf } from "../command/command.ts";
import type { Catalogue } from "./catalogue.ts";

/** A catalogue whose workspace nobody has named: commands that need one are refused, resources and prompts are not there. */
export function withoutWorkspace(catalogue: Catalogue): Catalogue {
  const { path } = catalogue.workspace;
  return {
    ...catalogue,
    commands: catalogue.commands.map((command) => ({ ...command, lacksWorkspace: needsWorkspace(command, path) })),
    resources: catalogue.resources.filter((resource) => !mentions(resource, path)),
    prompts: catalogue.prompts.filter(({ params, messages }) => !mentions([params, messages], path)),
  };
}

/** Only a program on the host runs in its `cwd` for certain. */
function needsWorkspace(command: Command, path: string): boolean {
  const { params, stdin, cwd, env, container, webhook, program, confirm } = command;
  const parts = program.kind === "argv" ? program.items : [];
  const isHost = executorOf(command) === "local";
  return mentions([params, stdin, env, container, webhook, parts, confirm, isHost ? cwd : []], path);
}

/** Whether a part of it is the workspace, lies in it, or is filled in with it. */
function mentions(value: unknown, path: string): boolean {
  if (typeof value === "string") return value === path || value.startsWith(`${path}/`);
  if (typeof value !== "object" || value === null) return false;
  if ("param" in value && value.param === "workspace") return true;
  return Object.values(value).some((part) => mentions(part, path));
}
