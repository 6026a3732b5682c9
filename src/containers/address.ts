import { canonicalJson } from "../base/canonical.ts";

/** Where an engine listens. */
export type Address = UnixAddress | TcpAddress | SshAddress;

export interface UnixAddress {
  readonly kind: "unix";
  readonly path: string;
}

export interface TcpAddress {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | null;
}

export interface SshAddress {
  readonly kind: "ssh";
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  /** The engine's socket over there; null: the usual one. */
  readonly path: string | null;
}

/** Paths of PEM files; without `ca` the system's authorities count. */
export interface Tls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Whether the engine has to prove who it is. */
  readonly isVerified: boolean;
}

const EXPECTED = "expected unix:///path, tcp://host:port or ssh://user@host";
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;
const NO_FILES: Tls = { ca: null, cert: null, key: null, isVerified: true };

/**
 * An engine's address as DOCKER_HOST writes it: `unix://`, `tcp://`, `http(s)://`, `ssh://[user@]host[:port][/socket]`. A text:
 * what is wrong with it, without what could be a password.
 */
export function parseAddress(text: string): Address | string {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  const parse = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (!parse) return `${scheme === "" ? "this is no engine's address" : `${scheme}:// is unknown`}: ${EXPECTED}`;
  return parse(rest, scheme);
}

type Parse = (rest: string, scheme: string) => Address | string;

const SCHEMES: Readonly<Record<string, Parse>> = {
  unix: parseUnix,
  tcp: parseTcp,
  http: parseTcp,
  https: parseTcp,
  ssh: parseSsh,
  npipe: () => `npipe:// (a Windows pipe) is not supported: ${EXPECTED}`,
  fd: () => `fd:// is how the engine is told of its own socket, and is not supported: ${EXPECTED}`,
};

function parseUnix(path: string): Address | string {
  if (path.includes("\0")) return "the path of the socket holds a NUL character";
  if (path.startsWith("~")) return "`~` is not replaced here: write the whole path, unix:///home/name/docker.sock";
  if (!path.startsWith("/") || path === "/")
    return "the path of the socket has to be absolute, with three slashes: unix:///var/run/docker.sock";
  return { kind: "unix", path };
}

function parseTcp(rest: string, scheme: string): Address | string {
  const parts = splitAuthority(rest);
  if (typeof parts === "string") return parts;
  const { user, host, port, path } = parts;
  if (user !== null) return `${scheme}:// takes no user name and no password: use TLS client certificates`;
  if (path !== null) return `${scheme}:// takes no path: ${scheme}://host:port`;
  const isSecure = scheme === "https";
  return { kind: "tcp", host, port: port ?? (isSecure ? TLS_PORT : PLAIN_PORT), tls: isSecure ? NO_FILES : null };
}

function parseSsh(rest: string): Address | string {
  const parts = splitAuthority(rest);
  if (typeof parts === "string") return parts;
  if (parts.user?.includes(":")) return "ssh:// takes no password: use a key, in the agent or in ~/.ssh";
  if (parts.user === "") return "the user name before `@` is empty";
  // They would be taken for options by whoever passes them on to a program.
  if (parts.user?.startsWith("-") || parts.host.startsWith("-")) return "a user or a host cannot begin with `-`";
  return { kind: "ssh", ...parts };
}

interface Parts {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly path: string | null;
}

function splitAuthority(rest: string): Parts | string {
  const match = /^(?:([^@/]*)@)?(?:\[([0-9a-fA-F:.]+)\]|([^@/:[\]]+))(?::(\d{1,5}))?(\/.*)?$/s.exec(rest);
  if (!match) return "the host is missing or not a name: expected host, host:port or [IPv6 address]:port";
  const [, user = null, v6, name, digits, path] = match;
  const host = v6 ?? name ?? "";
  if (/[^\w.:-]/.test(host)) return "the host is not a name: expected letters, digits, `.`, `-` and `_`";
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) return `port ${port} is none: expected 1 to 65535`;
  return { user, host, port, path: path === undefined || path === "/" ? null : path };
}

/** Whether everybody in between can read what is said, and say something: TCP to another machine without TLS. */
export function isExposed(address: Address): boolean {
  return address.kind === "tcp" && address.tls === null && !LOOPBACK.test(address.host);
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|::1)$/i;

/** Equal where one connection would do; `showAddress` leaves out the certificates. */
export function addressKey(address: Address): string {
  return canonicalJson(address);
}

/** An address in one line; it holds no password. */
export function showAddress(address: Address): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  if (address.kind === "tcp") return `tcp://${host}:${address.port}`;
  const user = address.user === null ? "" : `${address.user}@`;
  return `ssh://${user}${host}${address.port === null ? "" : `:${address.port}`}${address.path ?? ""}`;
}
