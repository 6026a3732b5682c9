import { type Template, mentioned } from "../command/template.ts";
import type { HookAuth, Webhook } from "../command/webhook.ts";
import { HTTP_TOKEN, NOT_IN_HEADERS, isOwnHeader } from "../webhooks/headers.ts";
import type { Draft } from "./draft.ts";
import type { BodyFormat } from "./hook-body.ts";
import { type Reader, textTemplateOf } from "./places.ts";

/** In these a value could become more than itself. */
const CONSTANT = /^(?:cookie|content-type|content-encoding)$/i;

/** Reads `headers`. */
export function readHeaders(reader: Reader): Webhook["headers"] {
  const { draft } = reader;
  const node = draft.nodeOf("headers");
  const headers: Record<string, Template> = {};
  const seen = new Set<string>();
  for (const [name, { key, value }] of node?.kind === "mapping" ? node.entries : []) {
    if (value.kind !== "scalar" || draft.isBroken(value)) continue;
    const template = textTemplateOf(reader, value);
    const error = (message: string, hint?: string): null => draft.error(key, "webhook", message, hint);
    if (!HTTP_TOKEN.test(name)) error(`"${name}" is not the name of a header`);
    if (isOwnHeader(name)) error(`\`${name}\` is decided by the connection and the body`, "remove it");
    if (seen.has(name.toLowerCase())) error(`\`${name}\` stands twice`, "keep one");
    if (CONSTANT.test(name) && mentioned(template).length > 0)
      error(`a value in \`${name}\` could become more than one value there`, "write it as a constant");
    if (template.some((part) => typeof part === "string" && NOT_IN_HEADERS.test(part)))
      error(`\`${name}\` holds a character that no header may hold`, "remove it, or percent-encode it");
    seen.add(name.toLowerCase());
    headers[name] = template;
  }
  return headers;
}

/** What the body is, by `body_format` or the content type; undefined: nothing is said. */
export function formatOf(draft: Draft, headers: Webhook["headers"]): BodyFormat | undefined {
  const said = draft.get("body_format") as BodyFormat | undefined;
  if (said !== undefined) return said;
  const [type] = Object.entries(headers).flatMap(([name, [only]]) => (/^content-type$/i.test(name) ? [only] : []));
  if (typeof type !== "string") return undefined;
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return "form";
  const match = /^[^;/]+\/(?:[^;]*\+)?(json|xml)\s*(?:;|$)/i.exec(type);
  return (match?.[1]?.toLowerCase() as BodyFormat | undefined) ?? undefined;
}

/** One header has one value. */
export function checkCredentials(draft: Draft, headers: Webhook["headers"], auth: HookAuth | null): void {
  if (!auth) return;
  const header = auth.type === "api_key" ? auth.header : "Authorization";
  const name = Object.keys(headers).find((each) => each.toLowerCase() === header.toLowerCase());
  if (name !== undefined)
    draft.error(draft.at("auth"), "webhook", `\`auth\` and \`headers\` both set \`${name}\``, "keep one of them");
}
