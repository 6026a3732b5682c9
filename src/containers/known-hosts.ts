/** What `known_hosts` files say of one host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  /** The kinds of its keys, such as `ssh-ed25519`. */
  readonly kinds: readonly string[];
  /** `unknown`: no key of this host is known; `changed`: others are. */
  judge(key: Buffer): "known" | "unknown" | "changed" | "revoked";
}

const SSH_PORT = 22;

export function knownHost(files: readonly string[], host: string, port: number): KnownHost {
  const name = port === SSH_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const entries = files.flatMap((file) => file.split("\n")).flatMap((line) => entryFor(line, name));
  const keys = entries.filter((entry) => !entry.isRevoked);

  function judge(key: Buffer): "known" | "unknown" | "changed" | "revoked" {
    const encoded = key.toString("base64");
    const same = entries.filter((entry) => entry.key === encoded);
    if (same.some((entry) => entry.isRevoked)) return "revoked";
    if (same.length > 0) return "known";
    return keys.length === 0 ? "unknown" : "changed";
  }
  return { kinds: [...new Set(keys.map((entry) => entry.kind))], judge };
}

interface Entry {
  readonly kind: string;
  readonly key: string;
  readonly isRevoked: boolean;
}

function entryFor(line: string, name: string): readonly Entry[] {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
  const [names = "", kind = "", key = ""] = words;
  // Certificates of hosts are not asked for, so their authorities say nothing.
  if (names === "" || names.startsWith("#") || key === "" || marker === "@cert-authority") return [];
  const isMeant = names.startsWith("|") ? isHashOf(names, name) : matchesHost(names.split(","), name);
  return isMeant ? [{ kind, key, isRevoked: marker === "@revoked" }] : [];
}

/** `|1|salt|hash`, an HMAC-SHA1 in base64. */
function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = hashed.split("|");
  if (version !== "1") return false;
  const { createHmac } = process.getBuiltinModule("node:crypto");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

/** Whether one of the patterns (`*`, `?`) matches and none of those with `!` does (ssh_config(5), "PATTERNS"). */
export function matchesHost(patterns: readonly string[], name: string): boolean {
  const matches = (pattern: string): boolean => patternOf(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

function patternOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, "*")
    .replace(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i");
}
