/** Where the server listens. */
export interface Address {
  /** An address of this machine's own, without brackets. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
}

/** Reads `[host:]port`; answers with why not when it is none, or not one of this machine's own. */
export function readAddress(text: string): Address | string {
  const [, bracketed, plain = "127.0.0.1", digits] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    return `expected [host:]port with a port from 0 to 65535, such as 8080, 127.0.0.1:8080 or [::1]:8080, came "${text}"`;
  const named = bracketed ?? plain;
  const host = named.toLowerCase() === "localhost" ? "127.0.0.1" : named;
  if (isLoopback(host)) return { host, port };
  return (
    `"${named}" is not an address of this machine alone, and whoever reaches the server may run its commands: there is no ` +
    `authentication yet, so it listens on 127.0.0.1, [::1] or localhost only; write 127.0.0.1:${port}`
  );
}

function isLoopback(host: string): boolean {
  return host === "::1" || /^127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(host);
}

/** As it stands in a URL. */
export function hostText({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What the Host of a request to the server may say. */
export function hostsOf(address: Address): readonly string[] {
  const { port } = address;
  const hosts = [hostText(address), `localhost:${port}`];
  // A client leaves the scheme's own port out.
  return port === 80 ? hosts.flatMap((host) => [host, host.slice(0, -":80".length)]) : hosts;
}
