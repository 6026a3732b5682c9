import { execFile } from "node:child_process";
import { join } from "node:path";
import { plainText } from "../base/text.ts";
import type { Host } from "../base/host.ts";
import { dockerFolder, readJson } from "./docker-config.ts";
import { object, parseJson, text } from "./facts.ts";
import { EngineFault } from "./fault.ts";

const DOCKER_HUB = "https://index.docker.io/v1/";
/** The names under which it is known. */
const HUB_NAMES: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const HELPER_MS = 10_000;
const HELPER_BYTES = 64 * 1024;

/**
 * The value of X-Registry-Auth for an image, from `config.json` of Docker's command line or its credential helpers; null: nobody
 * logged in. Rejects with a `denied` when the helper fails.
 */
export async function credentialsFor(image: string, host: Host): Promise<string | null> {
  const config = await readJson(join(dockerFolder(host), "config.json")).catch((error: unknown) => {
    throw new EngineFault("denied", (error as Error).message);
  });
  const registry = registryOf(image);
  const helper = text(object(config["credHelpers"])[registry]) || text(config["credsStore"]);
  const login = helper === "" ? fromFile(object(config["auths"]), registry) : await fromHelper(helper, registry, host);
  if (!login) return null;
  const { user, secret, token } = login;
  const words = token === "" ? { username: user, password: secret } : { identitytoken: token };
  const encoded = Buffer.from(JSON.stringify({ ...words, serveraddress: registry })).toString("base64");
  // As in a URL, but padded: without, an engine takes it for no login and says nothing.
  return encoded.replaceAll("+", "-").replaceAll("/", "_");
}

interface Login {
  readonly user: string;
  readonly secret: string;
  readonly token: string;
}

/** The part before the first slash when it can be no folder of Docker Hub (distribution/reference), as logins are filed by it. */
function registryOf(image: string): string {
  const [first = "", ...more] = image.split("/");
  const isRegistry = more.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isRegistry && !HUB_NAMES.has(first) ? first : DOCKER_HUB;
}

function fromFile(auths: Readonly<Record<string, unknown>>, registry: string): Login | null {
  const name = Object.keys(auths).find((key) => bare(key) === bare(registry));
  if (name === undefined) return null;
  const entry = object(auths[name]);
  const [, user = "", secret = ""] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(text(entry["auth"]), "base64").toString()) ?? [];
  const token = text(entry["identitytoken"]);
  return user === "" && token === "" ? null : { user, secret, token };
}

function bare(registry: string): string {
  return registry.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** By the protocol of docker-credential-helpers: the registry in, JSON out. */
async function fromHelper(name: string, registry: string, host: Host): Promise<Login | null> {
  if (!/^[\w.-]+$/.test(name)) throw new EngineFault("denied", "the name of Docker's credential helper is none");
  const program = `docker-credential-${name}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const env = { ...host.env, PATH: host.path };
  const options = { env, timeout: HELPER_MS, maxBuffer: HELPER_BYTES, killSignal: "SIGKILL" as const };
  const child = execFile(program, ["get"], options, (error, stdout) => {
    if (!error) resolve(stdout);
    else if (/credentials not found/i.test(stdout)) resolve("{}");
    else reject(new EngineFault("denied", `${program} did not give the login for ${registry}: ${reason(error)}`));
  });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(registry);
  const answer = object(parseJson(await promise));
  const [user, secret] = [text(answer["Username"]), text(answer["Secret"])];
  if (user === "") return null;
  return user === "<token>" ? { user: "", secret: "", token: secret } : { user, secret, token: "" };
}

function reason(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === "ENOENT") return "there is no such program in PATH";
  if (error.killed === true) return `no answer within ${HELPER_MS / 1000} s`;
  return typeof error.code === "number" ? `it ended with ${error.code}` : plainText(error.message).slice(0, 200);
}
