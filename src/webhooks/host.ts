/** An absolute http or https URL; null: it is none, or its port is 0, for which Node takes another. */
export function webUrl(text: string, base?: string): URL | null {
  const url = URL.parse(text, base);
  return url && /^https?:$/.test(url.protocol) && url.port !== "0" ? url : null;
}

/** The host of a URL as the system is asked for it: an address without brackets, a name without the dot of the root. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname.replace(/\.$/, "");
}

/** Whether an entry, `host` or `host:port`, names the URL's host; without a port it stands for all of them. */
export function isHost(entry: string, url: URL): boolean {
  const named = parseEntry(entry);
  return named !== null && hostOf(named.url) === hostOf(url) && (named.port === null || named.port === portOf(url));
}

/** 80 and 443 are not written in URLs. */
export function portOf({ protocol, port }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

function parseEntry(entry: string): { readonly url: URL; readonly port: number | null } | null {
  const bare = /^[^[\]]*:[^[\]]*:/.test(entry) ? `[${entry}]` : entry;
  // A URL parser makes one spelling of each address: 127.1 is 127.0.0.1.
  const url = /[\s/?#@\\]/.test(bare) ? null : URL.parse(`http://${bare}`);
  if (!url) return null;
  return { url, port: /:\d+$/.test(bare) ? portOf(url) : null };
}
