import { createServer as createHttp } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listen } from "../containers/engine.ts";
import { engineHost } from "../engines.ts";
import { folder, mcpfier } from "../rig.ts";

const own = await engineHost();
const BUSYBOX = "mcpfier/busybox:test";

interface Finding {
  readonly status: string;
  readonly text: string;
  readonly mend: string;
}

/** What doctor finds of containers, for a catalogue of commands with these keys. */
async function containers(
  commands: readonly Readonly<Record<string, unknown>>[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly found: readonly Finding[] }> {
  const all = commands.map((keys, index) => ({ name: `c${index}`, description: "d", run: ["true"], ...keys }));
  const cwd = folder({ "mcpfier.yaml": JSON.stringify({ commands: all }) });
  const { code, stdout } = await mcpfier(["doctor", "--json"], { cwd, env: { DOCKER_HOST: own, ...env } });
  const found = JSON.parse(stdout) as readonly (Finding & { readonly name: string })[];
  return { code, found: found.filter(({ name }) => name === "containers") };
}

function gone(): string {
  return `unix://${join(folder(), "gone.sock")}`;
}

/** An engine that never answers. */
async function mute(): Promise<string> {
  const path = join(folder(), "mute.sock");
  await listen(createServer(), { path });
  return `unix://${path}`;
}

/** An engine that tells this of itself, and has every image. */
async function telling(info: object): Promise<string> {
  const path = join(folder(), "told.sock");
  const server = createHttp((request, answer) => {
    answer.end(JSON.stringify(request.url?.endsWith("/info") ? info : { Id: "sha256:0" }));
  });
  await listen(server, { path });
  return `unix://${path}`;
}

describe("mcpfier doctor", () => {
  test("tells what the engine of the containers is, and what it enforces", async () => {
    const { code, found } = await containers([{ container: BUSYBOX, limits: { memory: "64MiB", cpu: 1 } }]);
    expect(found).toEqual([
      {
        status: "fine",
        name: "containers",
        text: expect.stringMatching(
          /^unix:.* \(DOCKER_HOST\): Docker [\d.]+\S* on \S+, as root, cgroups v[12], enforces limits of memory, cpu, processes$/,
        ) as string,
        mend: "",
      },
    ]);
    expect(code).toBe(0);
  });

  test("looks for one, and finds nothing wrong, where no command needs it", async () => {
    const { found } = await containers([{}]);
    expect(found).toMatchObject([
      { status: "fine", text: expect.stringMatching(/^no command needs an engine; unix:/) },
    ]);
    const { code, found: none } = await containers([{}], { DOCKER_HOST: gone() });
    expect(none).toMatchObject([{ status: "fine", text: expect.stringContaining("(ENOENT)"), mend: "" }]);
    expect(code).toBe(0);
  });

  test("fails when a command needs one that cannot be reached, and says which and who named it", async () => {
    const address = gone();
    const { code, found } = await containers([{ container: { image: BUSYBOX, engine: address } }]);
    expect(found).toMatchObject([
      {
        status: "error",
        text: `the engine ${address} cannot be reached: there is no such socket (ENOENT); is the engine started? (the catalogue)`,
        mend: "start it, or say where it listens: `engine:` in the catalogue, or DOCKER_HOST",
      },
    ]);
    expect(code).toBe(1);
  });

  test("warns only when another engine may run the same commands", async () => {
    const engine = [gone(), own];
    const { code, found } = await containers([{ container: { image: BUSYBOX, engine } }]);
    expect(found.map(({ status }) => status)).toEqual(["warning", "fine"]);
    expect(code).toBe(0);
  });

  test("gives up an engine that does not answer", async () => {
    const { code, found } = await containers([{ container: { image: BUSYBOX, engine: [await mute(), await mute()] } }]);
    expect(found).toMatchObject(
      [0, 1].map(() => ({ status: "error", text: expect.stringContaining("did not answer within 1.5 s") as string })),
    );
    expect(code).toBe(1);
  });

  test("warns of limits that an engine would ignore, where commands ask for them", async () => {
    const info = {
      Name: "machine",
      ServerVersion: "4.3.1",
      BuildahVersion: "1.28.2",
      SecurityOptions: ["name=rootless"],
      CgroupVersion: "1",
    };
    const engine = await telling(info);
    const container = { image: BUSYBOX, engine };
    const { code, found } = await containers([
      { container, limits: { memory: "64MiB", processes: 10 } },
      { container, limits: { memory: "64MiB", open_files: 100 } },
      { limits: { cpu: 1 } },
    ]);
    expect(found).toEqual([
      {
        name: "containers",
        status: "warning",
        text: `${engine} (the catalogue): Podman 4.3.1 on machine, rootless, cgroups v1, enforces no limits; it cannot enforce limits.memory of c0, c1 and limits.processes of c0, which are refused there`,
        mend: "run the engine as root, or where cgroups of version 2 are delegated to its user, or remove the limits",
      },
    ]);
    expect(code).toBe(0);
    const { found: unasked } = await containers([{ container }]);
    expect(unasked).toMatchObject([{ status: "fine" }]);
  });

  test("says that an engine did not tell in time which images it has", async () => {
    const path = join(folder(), "slow.sock");
    const server = createHttp((request, answer) => {
      if (request.url?.includes("/images/") !== true) answer.end("{}");
    });
    await listen(server, { path });
    const { code, found } = await containers([{ container: { image: BUSYBOX, engine: `unix://${path}` } }]);
    expect(found.slice(1)).toEqual([
      {
        name: "containers",
        status: "warning",
        text: `unix://${path} did not tell which images it has: not within 1.5 s`,
        mend: "mcpfier images",
      },
    ]);
    expect(code).toBe(0);
  });

  test("says why an engine does not tell which images it has", async () => {
    const path = join(folder(), "broken.sock");
    const server = createHttp((request, answer) => {
      if (request.url?.includes("/images/") !== true) answer.end("{}");
      else answer.writeHead(500).end('{"message":"no disk"}');
    });
    await listen(server, { path });
    const { found } = await containers([{ container: { image: BUSYBOX, engine: `unix://${path}` } }]);
    expect(found[1]?.text).toContain("did not tell which images it has: ");
    expect(found[1]?.text).toContain("no disk (HTTP 500)");
  });

  test("warns of an engine that is spoken to in clear text over the network, where a command uses it", async () => {
    // A network of documents (RFC 5737): nobody is there.
    const env = { DOCKER_HOST: "tcp://192.0.2.1:2375" };
    const { found } = await containers([{ container: BUSYBOX }], env);
    expect(found.slice(1)).toEqual([
      {
        name: "containers",
        status: "warning",
        text: "tcp://192.0.2.1:2375 (DOCKER_HOST) is spoken to over the network without TLS, for everybody to read and to use",
        mend: "use TLS with client certificates (https://), or ssh://",
      },
    ]);
    expect((await containers([{}], env)).found).toHaveLength(1);
  });

  test("warns of an image that is missing and must not be fetched", async () => {
    const { code, found } = await containers([
      { container: { image: "mcpfier/nobody-has:this", pull: "never" } },
      { container: "mcpfier/nobody-has:that" },
    ]);
    expect(found.slice(1)).toEqual([
      {
        name: "containers",
        status: "warning",
        text: `${own} has no image mcpfier/nobody-has:this`,
        mend: "`pull: never` of c0 forbids to fetch it: build or load it on that engine",
      },
    ]);
    expect(code).toBe(0);
  });
});
