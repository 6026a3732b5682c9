// A registry of one image, as much of the distribution protocol as an engine asks for.
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { type ServerResponse, createServer } from "node:http";
import type { Server } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { docker } from "../engines.ts";
import { atEnd, folder } from "../rig.ts";
import { engine, listen } from "./engine.ts";

export interface Registry {
  /** The image's name, with the registry; the engine forgets it after the test. */
  readonly image: string;
  /** How often the layer was fetched. */
  fetched(): number;
  /** Lets what is held back go. */
  release(): void;
  /** Resolves when the layer is asked for. */
  readonly asked: Promise<void>;
}

export interface RegistryOptions {
  /** How much of the layer is given before `release`. */
  readonly holdAt?: number;
  readonly login?: string;
}

const LAYER_BYTES = 3_000_000;

export async function registry({ holdAt = Infinity, login }: RegistryOptions = {}): Promise<Registry> {
  // No two tests share layers, which the engine keeps.
  const noise = randomUUID().repeat(LAYER_BYTES / 36);
  const tar = execFileSync("tar", ["-c", "-C", folder({ file: noise }), "file"], { maxBuffer: 1e8 });
  const layer = gzipSync(tar, { level: 0 });
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { User: "me" },
      rootfs: { type: "layers", diff_ids: [digest(tar)] },
    }),
  );
  const type = "application/vnd.docker.distribution.manifest.v2+json";
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: described("application/vnd.docker.container.image.v1+json", config),
      layers: [described("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
    }),
  );
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let fetched = 0;

  async function giveLayer(answer: ServerResponse): Promise<void> {
    fetched++;
    answer.writeHead(200, { "Content-Length": layer.length });
    answer.write(layer.subarray(0, holdAt));
    asked.resolve();
    if (layer.length > holdAt) await gate.promise;
    answer.end(layer.subarray(holdAt));
  }

  const server = createServer((request, answer) => {
    const path = request.url ?? "";
    if (login !== undefined && request.headers.authorization !== `Basic ${Buffer.from(login).toString("base64")}`)
      answer.writeHead(401, { "WWW-Authenticate": 'Basic realm="test"' }).end();
    else if (path === "/v2/") answer.end("{}");
    else if (path.includes("/manifests/"))
      answer
        .writeHead(200, {
          "Content-Type": type,
          "Content-Length": manifest.length,
          "Docker-Content-Digest": digest(manifest),
        })
        .end(manifest);
    else if (path.endsWith(digest(config))) answer.end(config);
    else if (path.endsWith(digest(layer))) void giveLayer(answer);
    else answer.writeHead(404).end();
  });
  const port = await listenForEngine(server);
  const image = `127.0.0.1:${port}/test/image:one`;
  atEnd(() => {
    gate.resolve();
    forget(image);
  });
  return { image, fetched: () => fetched, release: gate.resolve, asked: asked.promise };
}

const GATE = `const { connect, createServer } = require("node:net");
const server = createServer((from) => {
  const to = connect("/gate/socket");
  for (const [one, other] of [[from, to], [to, from]]) one.on("error", () => other.destroy()).once("close", () => other.destroy());
  from.pipe(to).pipe(from);
});
server.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));`;

/** Serves on the loopback of the engine, which may live in a network namespace of its own; gives the port. */
export async function listenForEngine(server: Server): Promise<number> {
  const at = folder();
  await listen(server, { path: join(at, "socket") });
  const node = ["mcpfier/node:test", "node", "-e", GATE];
  const id = await docker(engine(), "run", "-d", "--init", "--network=host", "-v", `${at}:/gate`, ...node);
  atEnd(() => docker(engine(), "rm", "--force", id));
  let said = "";
  for (let tries = 0; said === "" && tries < 100; tries++) said = await docker(engine(), "logs", id);
  return Number(/^port (\d+)$/.exec(said)?.[1]);
}

function forget(image: string): void {
  try {
    execFileSync("docker", ["-H", engine(), "rmi", "-f", image], { stdio: "ignore" });
  } catch {
    // It was never there.
  }
}

function described(mediaType: string, bytes: Buffer): object {
  return { mediaType, size: bytes.length, digest: digest(bytes) };
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
