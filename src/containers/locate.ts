import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../base/host.ts";
import { type Refusal, refuse } from "../base/refusal.ts";
import { type Address, type Tls, parseAddress, showAddress } from "./address.ts";
import { dockerFolder, readJson } from "./docker-config.ts";
import { object, text } from "./facts.ts";

/** An engine's address, and where it was found. */
export interface Located {
  readonly address: Address;
  /** As shown; holds no password. */
  readonly name: string;
  /** Who said so. */
  readonly from: string;
  /** Where the keys, the known hosts and the logins of registries are. */
  readonly host: Host;
}

const CONTEXT = "context://";
const TLS_PORT = 2376;

/**
 * The engine of an address or of `context://NAME`; null: as Docker's command line finds it, by DOCKER_HOST, DOCKER_CONTEXT and
 * the current context, then the usual sockets of Docker and Podman. Refuses with `engine.down` and says what it looked for.
 */
export async function locate(address: string | null, host: Host): Promise<Located> {
  if (address !== null)
    return address.startsWith(CONTEXT)
      ? inContext(address.slice(CONTEXT.length), host, "the catalogue")
      : addressed(address, host, "the catalogue");
  const env = host.env["DOCKER_HOST"] ?? "";
  if (env !== "") return addressed(env, host, "DOCKER_HOST");
  const wanted = host.env["DOCKER_CONTEXT"] ?? "";
  if (wanted !== "" && wanted !== "default") return inContext(wanted, host, "DOCKER_CONTEXT");
  const current =
    wanted === "" ? text((await readConfig(join(dockerFolder(host), "config.json")))["currentContext"]) : "";
  if (current !== "" && current !== "default") return inContext(current, host, "the current docker context");
  return atUsualSocket(host);
}

async function addressed(written: string, host: Host, from: string): Promise<Located> {
  const address = parseAddress(written);
  if (typeof address === "string") throw down(`${from}: ${address}`);
  return located(await secured(address, host), from, host);
}

function located(address: Address, from: string, host: Host): Located {
  return { address, name: showAddress(address), from, host };
}

/** Whether TLS is spoken there, as Docker's command line is told of it: by https://, DOCKER_TLS_VERIFY or the port 2376. */
export function isSecured(address: Address, host: Host): boolean {
  if (address.kind !== "tcp") return false;
  return address.tls !== null || Boolean(host.env["DOCKER_TLS_VERIFY"]) || address.port === TLS_PORT;
}

/** The files of TLS are those that exist. */
async function secured(address: Address, host: Host): Promise<Address> {
  if (address.kind !== "tcp" || !isSecured(address, host)) return address;
  const folder = host.env["DOCKER_CERT_PATH"] || dockerFolder(host);
  return { ...address, tls: await tlsIn(folder, true) };
}

async function tlsIn(folder: string, isVerified: boolean): Promise<Tls> {
  const [ca = null, cert = null, key = null] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map(async (name) => {
      const path = join(folder, name);
      return (await exists(path)) ? path : null;
    }),
  );
  return { ca, cert, key, isVerified };
}

async function inContext(name: string, host: Host, from: string): Promise<Located> {
  const contexts = join(dockerFolder(host), "contexts");
  const id = process.getBuiltinModule("node:crypto").createHash("sha256").update(name).digest("hex");
  const file = join(contexts, "meta", id, "meta.json");
  const meta = await readConfig(file);
  const endpoint = object(object(meta["Endpoints"])["docker"]);
  const written = text(endpoint["Host"]);
  const where = `the docker context \`${name}\` (named by ${from})`;
  if (written === "")
    throw down(
      `${where} ${(await exists(file)) ? "names no engine" : "does not exist"}; \`docker context ls\` lists them`,
    );
  const address = parseAddress(written);
  if (typeof address === "string") throw down(`${where}: ${address}`);
  if (address.kind !== "tcp") return located(address, where, host);
  const tls = await tlsIn(join(contexts, "tls", id, "docker"), endpoint["SkipTLSVerify"] !== true);
  const isTls = address.tls !== null || tls.ca !== null || tls.cert !== null || address.port === TLS_PORT;
  return located({ ...address, tls: isTls ? tls : null }, where, host);
}

async function atUsualSocket(host: Host): Promise<Located> {
  const sockets = usualSockets(host);
  for (const path of sockets)
    if (await exists(path, "socket")) return located({ kind: "unix", path }, "the usual sockets", host);
  throw down(
    "no container engine was found: DOCKER_HOST is not set, no docker context is chosen, and there is none of " +
      `${sockets.join(", ")}; start Docker or Podman, or say where it listens`,
  );
}

function usualSockets(host: Host): readonly string[] {
  const runtime = host.env["XDG_RUNTIME_DIR"];
  const ofUser = (name: string): readonly string[] => (runtime ? [join(runtime, name)] : []);
  return [
    "/var/run/docker.sock",
    ...ofUser("docker.sock"),
    join(host.home, ".docker/run/docker.sock"),
    ...ofUser("podman/podman.sock"),
    "/run/podman/podman.sock",
  ];
}

async function exists(path: string, kind?: "socket"): Promise<boolean> {
  try {
    const found = await stat(path);
    return kind !== "socket" || found.isSocket();
  } catch {
    return false;
  }
}

function readConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  return readJson(path).catch((error: unknown) => {
    throw down((error as Error).message);
  });
}

function down(why: string): Refusal {
  return refuse("engine.down", why);
}
