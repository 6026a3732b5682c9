import { isIP } from "node:net";
import type { HookUrl, Webhook } from "../command/webhook.ts";
import { isPublic } from "../webhooks/address.ts";
import { hostOf, isHost } from "../webhooks/host.ts";
import type { Draft } from "./draft.ts";

/** What the block names beside its URL. */
type Named = Pick<Webhook, "auth" | "hosts">;

/** Reads `allow_private`, and warns where it can be seen without a look-up that the URL would need it. */
export function readPrivate(webhook: Draft, { origin }: HookUrl, named: Named): Webhook["allowPrivate"] {
  const url = new URL(origin);
  const hosts = hostsOf(webhook.get("allow_private"), url, named);
  if (isInside(hostOf(url)) && !hosts.some((entry) => isHost(entry, url)))
    webhook.warn(
      webhook.at("url"),
      "webhook",
      `${url.hostname} is not of the public internet, and its calls are refused`,
      "write `allow_private: true` beside it if it is the service that you mean",
    );
  return hosts;
}

function hostsOf(value: unknown, url: URL, { auth, hosts }: Named): readonly string[] {
  if (Array.isArray(value)) return value as readonly string[];
  if (value !== true) return [];
  const token = auth?.type === "oauth2" ? URL.parse(auth.tokenUrl) : null;
  return [...new Set([url.hostname, ...(token ? [token.hostname] : []), ...hosts])];
}

function isInside(host: string): boolean {
  return isIP(host) === 0 ? /^(?:.*\.)?localhost$/.test(host) : !isPublic(host);
}
