import { parseTemplate } from "../command/template.ts";
import type { HookAuth } from "../command/webhook.ts";
import { NOT_IN_HEADERS, isOwnHeader } from "../webhooks/headers.ts";
import { webUrl } from "../webhooks/host.ts";
import type { Draft } from "./draft.ts";

/** The keys of each kind of credentials; those that must be there first. */
const KEYS: Readonly<Record<HookAuth["type"], readonly [needed: readonly string[], more: readonly string[]]>> = {
  bearer: [["token"], []],
  api_key: [["key"], ["header"]],
  basic: [["user", "pass"], []],
  oauth2: [
    ["token_url", "client_id", "client_secret"],
    ["scopes", "client_auth"],
  ],
};

/** Reads `auth`; null where it is absent or cannot be used. */
export function readAuth(webhook: Draft): HookAuth | null {
  const node = webhook.nodeOf("auth");
  if (node?.kind !== "mapping") return null;
  const auth = webhook.inside(node);
  const type = kindOf(auth);
  if (type === undefined) return null;
  const [needed, more] = KEYS[type];
  const missing = needed.filter((key) => !auth.mayHave(key));
  for (const key of missing)
    auth.error(auth.at("type"), "missing-key", `\`${type}\` needs \`${key}\``, `add \`${key}:\``);
  for (const [key, { key: range }] of node.entries) {
    if (key === "type" || needed.includes(key) || more.includes(key) || !KNOWN.has(key)) continue;
    auth.error(range, "webhook", `\`${key}\` does not go with \`type: ${type}\``, "remove it");
  }
  return missing.length > 0 ? null : readKind(auth, type);
}

const KNOWN = new Set(Object.values(KEYS).flat(2));

/** `oauth` of the original has a token, which it sends as it is. */
function kindOf(auth: Draft): HookAuth["type"] | undefined {
  const type = auth.get("type") as HookAuth["type"] | "oauth" | undefined;
  if (type !== "oauth") return type;
  return auth.mayHave("token") ? "bearer" : "oauth2";
}

function readKind(auth: Draft, type: HookAuth["type"]): HookAuth {
  const text = (key: string): string => constant(auth, key);
  if (type === "bearer") return { type, token: text("token"), isLiteral: isWritten(auth, "token") };
  if (type === "api_key") return { type, key: text("key"), header: headerOf(auth), isLiteral: isWritten(auth, "key") };
  if (type === "basic") return { type, user: text("user"), pass: text("pass"), isLiteral: isWritten(auth, "pass") };
  return {
    type,
    isLiteral: isWritten(auth, "client_secret"),
    tokenUrl: tokenUrl(auth),
    clientId: text("client_id"),
    clientSecret: text("client_secret"),
    scopes: (auth.get("scopes") as readonly string[] | undefined) ?? [],
    by: (auth.get("client_auth") as "header" | "body" | undefined) ?? "header",
  };
}

/** Whether the environment gave nothing of it. */
function isWritten(auth: Draft, key: string): boolean {
  const node = auth.nodeOf(key);
  return node?.kind === "scalar" && (node.pieces ?? []).every(({ value }) => value === null);
}

function headerOf(auth: Draft): string {
  const name = constant(auth, "header") || API_KEY_HEADER;
  if (isOwnHeader(name))
    auth.error(auth.at("header"), "webhook", `\`${name}\` is decided by the connection and the body`, "name another");
  return name;
}

export const API_KEY_HEADER = "X-API-Key";

function tokenUrl(auth: Draft): string {
  const text = constant(auth, "token_url");
  if (text !== "" && (!webUrl(text) || /[@#]/.test(text)))
    auth.error(
      auth.nodeOf("token_url") ?? auth.node,
      "webhook",
      `expected an http or https URL, without a port or with one from 1 to 65535, came ${text}`,
    );
  return text;
}

/** In base64 any text is one line; a colon ends the name of the user (RFC 7617). */
const FOREIGN: { readonly [key: string]: RegExp | undefined } = { user: /[\p{Cc}:]/u, pass: /\p{Cc}/u };

/** Credentials are the same for every call, and a header that carries them is one line. */
function constant(auth: Draft, key: string): string {
  const node = auth.nodeOf(key);
  if (node?.kind !== "scalar") return "";
  const { template, faults } = parseTemplate(node.template);
  if (faults.length > 0 || template.some((part) => typeof part !== "string"))
    auth.error(node, "webhook", `\`${key}\` is constant`, "write `${NAME}` for a variable of the environment");
  const text = auth.text(key);
  if (FOREIGN[key]?.test(text) ?? NOT_IN_HEADERS.test(text))
    auth.error(node, "webhook", `\`${key}\` holds a character that it may not hold`, "remove it");
  return text;
}
