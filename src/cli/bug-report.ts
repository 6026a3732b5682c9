import { hostname, release, userInfo } from "node:os";
import type { Host } from "../base/host.ts";
import { isSecretName } from "../base/secret.ts";
import { isUnreadable, readSource } from "../catalogue/source.ts";
import { createReport } from "../catalogue/report.ts";
import { parseYaml } from "../catalogue/yaml.ts";
import type { Node } from "../catalogue/node.ts";
import type { Finding, Found } from "./checks/check.ts";
import type { Context } from "./verb.ts";

/**
 * What helps to understand a defect, and nothing secret: versions, what doctor found, and the catalogue without its comments and
 * without what could be a secret in it. No value of the environment, no name of the user, of the home folder or of the machine.
 */
export function bugReport(
  { host, version, build }: Context,
  findings: readonly Finding[],
  found: Found | null,
): string {
  const clean = cleanerOf(host);
  const report = {
    mcpfier: version,
    build,
    node: process.versions.node,
    system: `${host.platform} ${host.arch} ${release()}`,
    findings,
    problems: (found?.loaded.problems ?? []).map(({ rule, severity, file, line, column }) => ({
      rule,
      severity,
      file,
      line,
      column,
    })),
    catalogue: (found?.loaded.files ?? []).map((file) => ({ file, content: contentOf(file) })),
  };
  return `${JSON.stringify(deeply(report, clean), null, 2)}\n`;
}

/** Keys whose values nobody needs to see. */
const PRIVATE = /token|secret|passw|passphrase|pass$|key$|^auth|cookie|credential|bearer|^user$|session/i;
/** Maps whose values are for programs and services. */
const CLOSED = new Set(["env", "headers"]);
const GONE = "[redacted]";

function contentOf(file: string): unknown {
  const source = readSource(file);
  const node = isUnreadable(source) ? undefined : parseYaml(source, createReport());
  return node ? plain(node, false) : "not readable";
}

/** The text as it is written, so that no `${NAME}` is filled in. */
function plain(node: Node, isPrivate: boolean): unknown {
  if (node.kind === "sequence") return node.items.map((item) => plain(item, isPrivate));
  if (node.kind === "mapping")
    return Object.fromEntries(
      Array.from(node.entries, ([key, { value }]) => [
        key,
        plain(
          value,
          isPrivate || (PRIVATE.test(key) && value.kind !== "mapping") || (CLOSED.has(key) && value.kind === "mapping"),
        ),
      ]),
    );
  if (typeof node.value !== "string") return isPrivate && typeof node.value === "number" ? GONE : node.value;
  // What stands in for a variable may be a secret, too.
  const text = node.text
    .replaceAll(/(\$\{\w+:[-?])[^}]*\}/g, `$1${GONE}}`)
    .replaceAll(/(:\/\/)[^/@\s]*@/g, `$1${GONE}@`);
  return isPrivate && !/^(?:\$\{[^}]*\}|\$\{\{[^}]*\}\})$/.test(text) ? GONE : text;
}

/** Values shorter than this stand in any text. */
const SHORTEST = 4;

/** Puts the names of variables in the place of their values, and takes names of people and machines away. */
function cleanerOf(host: Host): (text: string) => string {
  const named = Object.entries(host.env).flatMap(([name, value = ""]) =>
    // A list of folders is the values that it is made of.
    [value, ...(name === "PATH" ? [] : value.split(/[:;,\s]/))]
      .filter((part) => isSecretName(name) || !isCommon(part))
      .map((part) => [part, `$${name}`] as const),
  );
  const own = [[host.home, "~"] as const, [userInfo().username, "USER"] as const, [hostname(), "HOST"] as const];
  const hidden = [...own.filter(([value]) => value !== "root"), ...named]
    .filter(([value]) => value.length >= SHORTEST)
    .toSorted(([one], [other]) => other.length - one.length);
  return (text) => hidden.reduce((cleaned, [value, word]) => cleaned.replaceAll(value, () => word), text);
}

/** What says nothing of anybody: single short words, numbers, locales, terminals, and folders that every machine has. */
function isCommon(value: string): boolean {
  return /^(?:[a-z]{1,10}|\d{1,5}|xterm\S*|[a-z]{2}_[A-Z]{2}\S*|C\.UTF-8|\/(?:usr\/)?(?:local\/)?s?bin(?:\/\w+)?)$/.test(
    value,
  );
}

function deeply(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map((item) => deeply(item, clean));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), deeply(item, clean)]));
}
