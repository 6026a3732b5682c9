import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { statOf } from "../base/stat.ts";
import type { Client } from "./client.ts";
import type { Where } from "./place.ts";

/** How a client gets this mcpfier at a click instead, in words; null: it takes no such bundle, or none can be had here. */
export function bundleOf({ id }: Client, { platform }: Where, program: string): string | null {
  // The manifest of the bundle says the same of Windows.
  if (id !== "claude-desktop" || platform === "win32") return null;
  const root = dirname(dirname(realpathSync(program)));
  const bundle = join(root, "bundle", "mcpfier.mcpb");
  if (statOf(bundle)) return `open ${bundle}`;
  // What is installed from a registry has no scripts.
  return statOf(join(root, "scripts", "bundle-mcpb.ts"))
    ? `\`npm run bundle:mcpb\` in ${root} makes bundle/mcpfier.mcpb: open that`
    : null;
}
