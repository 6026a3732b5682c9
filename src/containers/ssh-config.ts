import { matchesHost } from "./known-hosts.ts";

/** What `~/.ssh/config` says of a host, of the four words that we read. */
export interface SshSettings {
  readonly hostName: string | null;
  readonly user: string | null;
  readonly port: number | null;
  readonly identityFiles: readonly string[];
}

/**
 * Reads HostName, User, Port and IdentityFile (ssh_config(5)): the first value counts, identity files add up. Sections under
 * `Match`, and `Include`, are passed over.
 */
export function readSshConfig(config: string, host: string): SshSettings {
  const found = new Map<string, string>();
  const identityFiles: string[] = [];
  let isMeant = true;
  for (const line of config.split("\n")) {
    const [, key = "", rest = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    const word = key.toLowerCase();
    const values = Array.from(rest.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? "");
    const [value] = values;
    if (value === undefined) continue;
    if (word === "host") isMeant = matchesHost(values, host);
    else if (word === "match") isMeant = false;
    else if (!isMeant) continue;
    else if (word === "identityfile") identityFiles.push(value);
    else if (!found.has(word)) found.set(word, value);
  }
  return {
    hostName: found.get("hostname")?.replaceAll("%h", host) ?? null,
    user: found.get("user") ?? null,
    port: portIn(found.get("port")),
    identityFiles,
  };
}

function portIn(written: string | undefined): number | null {
  const port = Number(written);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
