import { join } from "node:path";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";

/** Where the catalogue is, or where it was looked for in vain. A file that was named counts even when it does not exist. */
export type Discovery = { readonly file: string; readonly by: string } | { readonly tried: readonly string[] };

/** `--config`, then MCPFIER_CONFIG, then the usual places; `cwd` is the working directory. */
export function discover(named: string | undefined, host: Host, cwd: string): Discovery {
  if (named !== undefined) return { file: named, by: "--config" };
  const fromEnv = host.env["MCPFIER_CONFIG"];
  if (fromEnv !== undefined && fromEnv !== "") return { file: fromEnv, by: "MCPFIER_CONFIG" };
  const tried = [cwd, join(host.home, ".mcpfier"), join(host.home, "mcpfier"), "/etc/mcpfier"].flatMap((folder) =>
    ["mcpfier.yaml", "config.yaml"].map((name) => join(folder, name)),
  );
  const file = tried.find((path) => statOf(path) !== undefined);
  return file === undefined ? { tried } : { file, by: "found" };
}
