import type { Start } from "../setup/entry.ts";
import { frailtyOf, launchOf } from "../setup/launch.ts";
import { complain, load, locate } from "./open.ts";
import type { Context } from "./verb.ts";

/** How clients start this mcpfier with the catalogue that would be served; undefined, and the reason on stderr, where none can be. */
export async function wishedStart(context: Context, pass: readonly string[]): Promise<Start | undefined> {
  const file = locate(context);
  if (file === undefined) return undefined;
  const loaded = await load(context, file);
  if (!loaded.catalogue) {
    complain(context, loaded);
    return undefined;
  }
  const start = launchOf({
    where: context.host,
    cwd: context.cwd,
    node: process.execPath,
    program: process.argv[1] ?? "",
    catalogue: file,
    workspace: context.global.workspace,
    pass,
  });
  const frailty = frailtyOf(start);
  if (frailty !== undefined) context.stderr.write(`mcpfier: warning: ${frailty}\n`);
  return start;
}
