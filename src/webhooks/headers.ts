import type { IncomingHttpHeaders } from "node:http";
import type { HookHeader, HookRequest } from "./request.ts";

/** RFC 9110 5.6.2. */
export const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/**
 * What the value of a header cannot hold (RFC 9110 5.5): what is beyond Latin-1, and control characters, so that it cannot begin a
 * header of its own.
 */
export const NOT_IN_HEADERS = /[^\t\u0020-\u007e\u0080-\u00ff]/u;

/** Whether the connection and the body decide this header, whatever a request says. */
export function isOwnHeader(name: string): boolean {
  return OURS.test(name);
}

const OURS =
  /^(?:connection|content-length|expect|host|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

/** Why a header is none that may be sent, without its value; null: it may. */
export function headerProblem([name, value]: HookHeader): string | null {
  if (!HTTP_TOKEN.test(name))
    return `${JSON.stringify(name)} is no name of a header; letters, digits and \`-\` make one`;
  if (isOwnHeader(name)) return `the header ${name} is set by mcpfier itself; leave it out`;
  if (NOT_IN_HEADERS.test(value))
    return `the value of the header ${name} holds a line break, a control character or a character beyond Latin-1; headers take none`;
  return null;
}

/** As Node sends them, with what every service expects where the request does not say otherwise. */
export function headersOf({ headers, body }: HookRequest): Record<string, string[]> {
  const sent = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of headers) {
    const same = sent.get(name.toLowerCase());
    if (same) same.values.push(value);
    else sent.set(name.toLowerCase(), { name, values: [value] });
  }
  for (const [name, value] of DEFAULTS) if (!sent.has(name.toLowerCase())) sent.set(name, { name, values: [value] });
  if (body) sent.set("content-length", { name: "Content-Length", values: [String(body.length)] });
  return Object.fromEntries([...sent.values()].map(({ name, values }) => [name, values]));
}

/** Answers are small and their bytes are counted, so that compression gains little and only hides how much comes. */
const DEFAULTS: readonly HookHeader[] = [
  ["User-Agent", "mcpfier"],
  ["Accept", "*/*"],
  ["Accept-Encoding", "identity"],
];

/** What came, without what told of the way that it came. */
export function plainHeaders(came: IncomingHttpHeaders, dropped: readonly string[]): Readonly<Record<string, string>> {
  const plain: [string, string][] = [];
  for (const [name, value] of Object.entries(came))
    if (value !== undefined && !dropped.includes(name))
      plain.push([name, Array.isArray(value) ? value.join(", ") : value]);
  return Object.fromEntries(plain);
}
