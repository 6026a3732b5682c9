// The real container engines that the tests talk to. Tests that change the weather of an engine start one of their own.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ENGINE = resolve(import.meta.dirname, "../scripts/engine");

export type Image = "busybox" | "nobody" | "scratch" | "node" | "base" | "tools";

let own: Promise<string> | undefined;

/** DOCKER_HOST of this run's Docker, which has every image `mcpfier/IMAGE:test`; started when nobody else did. */
export function engineHost(): Promise<string> {
  const given = process.env["DOCKER_HOST"];
  own ??= given === undefined ? start("up", "docker", []) : Promise.resolve(given);
  return own;
}

/** The socket of a Podman with the same images; null: there is none, for a reason. */
export async function podmanHost(): Promise<{ readonly host: string | null; readonly reason: string }> {
  const given = process.env["MCPFIER_TEST_PODMAN"];
  if (given !== undefined) return { host: given, reason: "" };
  try {
    return { host: await start("podman", "podman", []), reason: "" };
  } catch (fault) {
    return { host: null, reason: String((fault as { readonly stderr?: string }).stderr ?? fault).trim() };
  }
}

export interface PrivateEngine {
  readonly host: string;
  /** Ends it with SIGKILL; its containers stay and run on. */
  kill9(): Promise<void>;
  /** Starts it again after `kill9`; it then ends the containers that it finds. */
  restart(): Promise<void>;
  /** Ends it with all of its containers, and leaves nothing of it. */
  down(): Promise<void>;
}

/** A real Docker beside the run's own, for one test file: started in `beforeAll` (about 3 s), taken down in `afterAll`. */
export async function privateEngine(images: readonly Image[] = ["busybox"]): Promise<PrivateEngine> {
  const name = randomUUID().slice(0, 8);
  const words = images.length === 0 ? ["none"] : images;
  const verb = async (word: string): Promise<void> => {
    await run(ENGINE, [word, folderOf(name)]);
  };
  return {
    host: await start("up", name, words),
    kill9: () => verb("kill"),
    restart: async () => {
      await start("up", name, words);
    },
    down: () => verb("down"),
  };
}

async function start(verb: "up" | "podman", name: string, images: readonly string[]): Promise<string> {
  const { stdout } = await run(ENGINE, [verb, folderOf(name), ...images]);
  return stdout.trim().replace(/^DOCKER_HOST=/, "");
}

/** Below a folder whose engines are taken down when the run ends, come what may. */
function folderOf(name: string): string {
  const parent = process.env["MCPFIER_TEST_ENGINES"];
  if (parent === undefined) throw new Error("MCPFIER_TEST_ENGINES is not set: tests of engines run under vitest");
  return join(parent, name);
}

/** What the docker command prints, without the space around it; rejects, with `code` and `stderr`, when it fails. */
export async function docker(host: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", ["--host", host, ...args], { maxBuffer: 2 ** 26 });
  return stdout.trim();
}

export interface Listed {
  readonly Id: string;
  readonly Image: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** The containers, running or not, that have a label: `key` or `key=value`. */
export async function containersOf(host: string, label: string): Promise<readonly Listed[]> {
  const query = new URLSearchParams({ all: "true", filters: JSON.stringify({ label: [label] }) });
  return (await get(host, `/containers/json?${query.toString()}`)) as readonly Listed[];
}

/** The address of the engine's machine on the network that containers get when they ask for none. */
export async function bridgeAddress(host: string): Promise<string> {
  const routes = await docker(host, "run", "--rm", "mcpfier/busybox:test", "ip", "route");
  return /^default via (\S+)/m.exec(routes)?.[1] ?? "";
}

/** A GET of the engine's API, by plain HTTP over its socket. */
function get(host: string, path: string): Promise<unknown> {
  return new Promise((done, failed) => {
    request({ socketPath: host.replace(/^unix:\/\//, ""), path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.once("error", failed).once("end", () => {
        if (answer.statusCode === 200) done(JSON.parse(text));
        else failed(new Error(`GET ${path}: ${answer.statusCode} ${text}`));
      });
    })
      .once("error", failed)
      .end();
  });
}
