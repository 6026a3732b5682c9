import { isMap, listOf, mapOf, textOf } from "./data.ts";
import { literal } from "./draft.ts";

export interface Base {
  /** Without a slash at its end. */
  readonly url: string;
  readonly review: readonly string[];
  /** Whether it is of this machine or its network, which calls reach only where the catalogue allows it. */
  readonly isPrivate: boolean;
}

/** Where an API is: what the first of its servers says, with the defaults of its variables; the environment may say otherwise. */
export function baseOf(servers: unknown, variable: string): Base {
  const server = listOf(servers).find(isMap);
  const variables = mapOf(server?.["variables"]);
  const filled = textOf(server?.["url"]).replaceAll(/\{([^{}]*)\}/g, (_whole, name: string) =>
    textOf(mapOf(variables[name])["default"]),
  );
  const url = webUrl(filled);
  if (url !== undefined) return { url: inEnvironment(variable, url), review: [], isPrivate: isPrivate(url) };
  const path = /^\/[\w./~-]*$/.test(filled) ? filled.replace(/\/+$/, "") : "";
  const review = [`the file does not say on which host the service is; set ${variable}_URL, or write it here.`];
  return { url: inEnvironment(variable, `http://localhost:8080${path}`), review, isPrivate: true };
}

/** A whole address without a query, as far as a catalogue's text can hold it. */
export function webUrl(text: string): string | undefined {
  if (!URL.canParse(text) || /[\s{}$?#]/.test(text)) return undefined;
  const { protocol, username, password } = new URL(text);
  const isWeb = /^https?:$/.test(protocol) && username === "" && password === "";
  return isWeb ? text.replace(/\/+$/, "") : undefined;
}

function inEnvironment(variable: string, url: string): string {
  return `\${${variable}_URL:-${literal(url)}}`;
}

export function isPrivate(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0|\[)|\.(?:local|internal|localhost|lan)$/.test(
      hostname,
    ) || !hostname.includes(".")
  );
}
