import { dirname, join, resolve } from "node:path";
import type { Settings } from "./catalogue.ts";
import type { Draft } from "./draft.ts";
import { child, textAt } from "./node.ts";
import { ANY_SIZE, ANY_TIME, readDuration, readSize } from "./quantity.ts";
import type { World } from "./world.ts";

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const SETTINGS: Settings = {
  concurrency: null,
  queue: 1000,
  records: { maxAgeMs: 86_400_000, maxBytes: 1024 ** 3 },
  http: { address: "127.0.0.1:8080", needsAuth: false },
  analytics: { enabled: false, databasePath: null, retentionDays: 0 },
};

/** Reads what the main file says of the server as a whole. */
export function readSettings(draft: Draft, world: World): Settings {
  const node = draft.nodeOf("records");
  const records = node?.kind === "mapping" ? draft.inside(node) : undefined;
  return {
    concurrency: (draft.get("concurrency") as number | undefined) ?? SETTINGS.concurrency,
    queue: (draft.get("queue") as number | undefined) ?? SETTINGS.queue,
    records: {
      maxAgeMs: (records && readDuration(records, "max_age", ANY_TIME)) ?? SETTINGS.records.maxAgeMs,
      maxBytes: (records && readSize(records, "max_size", ANY_SIZE)) ?? SETTINGS.records.maxBytes,
    },
    http: readHttp(draft),
    analytics: readAnalytics(draft, world),
  };
}

/** Of the original's block nothing else is used. */
function readHttp(draft: Draft): Settings["http"] {
  const server = draft.nodeOf("server");
  const http = server && child(server, "http");
  if (!http) return SETTINGS.http;
  const [ownHost = "", ownPort = ""] = SETTINGS.http.address.split(":");
  const [host, port] = [textAt(http, "host") || ownHost, textAt(http, "port") || ownPort];
  const auth = child(http, "auth");
  const enabled = auth ? textAt(auth, "enabled").toLowerCase() : "";
  return {
    address: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    // What is not clearly off is taken for on.
    needsAuth: !["", "false", "~", "null", "no", "off"].includes(enabled),
  };
}

function readAnalytics(draft: Draft, world: World): Settings["analytics"] {
  const node = draft.nodeOf("analytics");
  if (node?.kind !== "mapping") return SETTINGS.analytics;
  const analytics = draft.inside(node);
  const path = analytics.text("database_path");
  const enabled = (analytics.get("enabled") as boolean | undefined) ?? SETTINGS.analytics.enabled;
  if (enabled && path === "") warnOfOriginal(draft, world);
  return {
    enabled,
    databasePath:
      path === ""
        ? null
        : /^~(?:\/|$)/.test(path)
          ? join(world.host.home, path.slice(1))
          : resolve(dirname(draft.source.path), path),
    retentionDays: (analytics.get("retention_days") as number | undefined) ?? SETTINGS.analytics.retentionDays,
  };
}

/** What the original wrote where no path was given, in its working directory. */
const ORIGINAL = "analytics.db";

function warnOfOriginal(draft: Draft, world: World): void {
  const folder = dirname(draft.source.path);
  const found = [join(folder, ORIGINAL), resolve(ORIGINAL)].find((path) => world.kind(path) === "other");
  if (found === undefined) return;
  const written = found === join(folder, ORIGINAL) ? `./${ORIGINAL}` : found;
  draft.warn(
    draft.at("analytics"),
    "legacy",
    `calls are not recorded in ${found}, where the original MCPFier recorded them when no \`database_path\` was given`,
    `write \`database_path: ${written}\` to go on with it`,
  );
}
