import { isIP } from "node:net";
import type { HookAuth, HookUrl, Webhook } from "../command/webhook.ts";
import { isPublic } from "../webhooks/address.ts";
import { hostOf, isHost } from "../webhooks/host.ts";
import type { Draft } from "./draft.ts";

/** Reads `allow_private`, and warns where it can be seen without a look-up that the URL would need it. */
export function readPrivate(webhook: Draft, { origin }: HookUrl, auth: HookAuth | null): Webhook["allowPrivate"] {
  const url = new URL(origin);
  const hosts = hostsOf(webhook.get("allow_private"), url, auth);
  if (isInside(hostOf(url)) && !hosts.some((entry) => isHost(entry, url)))
    webhook.warn(
      webhook.at("url"),
      "webhook",
      `${url.hostname} is not of the public internet, and its calls are refused`,
      "write `allow_private: true` beside it if it is the service that you mean",
    );
  return hosts;
}

function hostsOf(value: unknown, url: URL, auth: HookAuth | null): readonly string[] {
  if (Array.isArray(value)) return value as readonly string[];
  if (value !== true) return [];
  const token = auth?.type === "oauth2" ? URL.parse(auth.tokenUrl) : null;
  return [...new Set([url.hostname, ...(token ? [token.hostname] : [])])];
}

function isInside(host: string): boolean {
  return isIP(host) === 0 ? /^(?:.*\.)?localhost$/.test(host) : !isPublic(host);
}
