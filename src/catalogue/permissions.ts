import { didYouMean } from "../base/nearest.ts";
import type { CatalogueFile } from "./files.ts";
import { type Node, child, textAt } from "./node.ts";
import type { Report } from "./report.ts";

/** Warns of permissions of the original's API keys that allow nothing, as no command has the name. */
export function checkPermissions(files: readonly CatalogueFile[], report: Report): void {
  const permissions = files.flatMap(({ source, root }) => permissionsOf(root).map((node) => ({ source, node })));
  if (permissions.length === 0) return;
  const names = files.flatMap(({ root }) => itemsOf(child(root, "commands")).map((command) => textAt(command, "name")));
  for (const { source, node } of permissions) {
    if (node.kind !== "scalar" || node.isFaulty) continue;
    const { text } = node;
    if (text === "*") continue;
    const pattern = new RegExp(`^${text.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`);
    if (names.some((name) => pattern.test(name))) continue;
    const message = `the permission "${text}" of an API key matches no command`;
    report.warn(source, node, "permission", message, didYouMean(text, names) || "remove it");
  }
}

/** Under `simple.api_keys` or `api_keys`, a list or a map: both were documented. */
function permissionsOf(root: Node): readonly Node[] {
  const auth = ["server", "http", "auth"].reduce<Node | undefined>((node, key) => node && child(node, key), root);
  const simple = auth && child(auth, "simple");
  const keys = [auth, simple].flatMap((each) => itemsOf(each && child(each, "api_keys")));
  return keys.flatMap((key) => itemsOf(child(key, "permissions")));
}

function itemsOf(node: Node | undefined): readonly Node[] {
  if (node?.kind === "sequence") return node.items;
  return node?.kind === "mapping" ? Array.from(node.entries.values(), ({ value }) => value) : [];
}
