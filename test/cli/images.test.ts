import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { certificates, contextFiles, serveTls } from "../containers/certificates.ts";
import { listen } from "../containers/engine.ts";
import { registry } from "../containers/registry.ts";
import { engineHost } from "../engines.ts";
import { collect, folder, mcpfier, poll, start } from "../rig.ts";

const own = await engineHost();
const BUSYBOX = "mcpfier/busybox:test";
const NOBODY = `mcpfier/nobody-has:${crypto.randomUUID()}`;

interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Containers = Readonly<Record<string, unknown>>;

/** A folder with a catalogue of commands that have these containers. */
function catalogue(containers: Containers): string {
  const commands = Object.entries(containers).map(([name, container]) => ({
    name,
    description: "d",
    run: ["true"],
    container,
  }));
  return folder({ "mcpfier.yaml": JSON.stringify({ commands }) });
}

async function images(
  containers: Containers,
  words: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Told> {
  const { code, stdout, stderr } = await mcpfier(["images", ...words], {
    cwd: catalogue(containers),
    env: { DOCKER_HOST: own, ...env },
  });
  return { code, stdout, stderr };
}

/** What is different on each machine has a name instead. */
function plain(text: string): string {
  return text
    .replaceAll(own, "ENGINE")
    .replaceAll(NOBODY, "NOBODY")
    .replaceAll(/sha256:[0-9a-f]{64}/g, "ID")
    .replaceAll(/[0-9a-f]{12} +\d+\.\d MB/g, "SIZE")
    .replaceAll(/"bytes": \d+/g, '"bytes": BYTES');
}

function engineOn(name: string): string {
  return `unix://${join(folder(), name)}`;
}

describe("mcpfier images", () => {
  test("tells each image once, with the commands that need it, and fails where one is missing", async () => {
    const { code, stdout, stderr } = await images({
      one: BUSYBOX,
      two: { image: NOBODY },
      three: { image: BUSYBOX, pull: "always" },
      four: { image: BUSYBOX, engine: own },
      five: false,
    });
    expect(plain(stdout)).toBe(
      [
        "ENGINE (DOCKER_HOST)",
        `  ✔ ${BUSYBOX.padEnd(NOBODY.length)}  present  SIZE  for one, three, four`,
        "  ✖ NOBODY  missing  for two",
        "",
      ].join("\n"),
    );
    expect(stderr).toContain("`mcpfier images --pull` fetches what is missing\n");
    expect(code).toBe(1);
  });

  test("is fine when all are there", async () => {
    const { code, stdout } = await images({ one: BUSYBOX });
    expect(plain(stdout)).toBe(`ENGINE (DOCKER_HOST)\n  ✔ ${BUSYBOX}  present  SIZE  for one\n`);
    expect(code).toBe(0);
  });

  test("says that no command needs one", async () => {
    expect(await images({ one: false }, [], { DOCKER_HOST: engineOn("none") })).toMatchObject({
      code: 0,
      stdout: "no command of the catalogue runs in a container\n",
    });
    expect(await images({ one: false }, ["--json"])).toMatchObject({ code: 0, stdout: "[]\n" });
  });

  test("prints the same for machines", async () => {
    const { code, stdout } = await images({ one: BUSYBOX, two: { image: NOBODY, pull: "never" } }, ["--json"]);
    expect(plain(stdout)).toBe(`[
  {
    "image": "${BUSYBOX}",
    "engine": "ENGINE",
    "from": "DOCKER_HOST",
    "commands": [
      "one"
    ],
    "pull": [
      "missing"
    ],
    "state": "present",
    "id": "ID",
    "bytes": BYTES,
    "problem": null
  },
  {
    "image": "NOBODY",
    "engine": "ENGINE",
    "from": "DOCKER_HOST",
    "commands": [
      "two"
    ],
    "pull": [
      "never"
    ],
    "state": "missing",
    "id": null,
    "bytes": null,
    "problem": "\`pull: never\` of two forbids to fetch it: build or load it on that engine"
  }
]
`);
    expect(code).toBe(1);
  });

  test("asks each of several engines, and tells which cannot be reached, who named it and why", async () => {
    const gone = engineOn("gone.sock");
    const { code, stdout } = await images({ one: { image: BUSYBOX, engine: [gone, own] }, two: NOBODY });
    expect(plain(stdout).replaceAll(gone, "GONE").replaceAll(/ +/g, " ")).toBe(
      [
        "GONE (the catalogue)",
        " the engine GONE cannot be reached: there is no such socket (ENOENT); is the engine started?",
        ` ? ${BUSYBOX} unknown for one`,
        "ENGINE (the catalogue)",
        ` ✔ ${BUSYBOX} present SIZE for one`,
        " ✖ NOBODY missing for two",
        "",
      ].join("\n"),
    );
    expect(code).toBe(69);
  });

  test("says where it looked for an engine when none is named and none is there", async () => {
    const { code, stdout } = await images({ one: { image: BUSYBOX, engine: "context://nowhere" } }, [], {
      DOCKER_CONFIG: folder(),
    });
    expect(stdout).toContain("context://nowhere (the catalogue)\n");
    expect(stdout).toContain("the docker context `nowhere` (named by the catalogue) does not exist");
    expect(code).toBe(69);
  });

  test("does not wait for an engine that does not answer", async () => {
    const path = join(folder(), "mute.sock");
    await listen(createServer(), { path });
    const { code, stdout } = await images({ one: BUSYBOX, two: NOBODY }, ["--pull"], { DOCKER_HOST: `unix://${path}` });
    expect(stdout.split("did not answer within 5 s")).toHaveLength(2);
    expect(code).toBe(69);
  });

  test("ends at the first Ctrl-C while it waits for an engine, and tells nothing that it does not know", async () => {
    const path = join(folder(), "mute.sock");
    const asked = Promise.withResolvers<void>();
    await listen(
      createServer((socket) => void socket.once("data", () => asked.resolve())),
      { path },
    );
    const child = start(["images", "--pull"], {
      cwd: catalogue({ one: BUSYBOX }),
      env: { DOCKER_HOST: `unix://${path}` },
    });
    const stdout = collect(child, "stdout");
    const closed = new Promise((done) => child.once("close", done));
    await asked.promise;
    child.kill("SIGINT");
    expect(await closed).toBe(130);
    expect(stdout()).toBe("");
  });

  test("asks two engines of one address that want other certificates each with its own", async () => {
    const right = certificates();
    const address = await serveTls(right);
    const files = { ...contextFiles("right", address, right), ...contextFiles("wrong", address, certificates()) };
    const { code, stdout } = await images(
      { one: { image: BUSYBOX, engine: "context://wrong" }, two: { image: BUSYBOX, engine: "context://right" } },
      [],
      { DOCKER_CONFIG: folder(files) },
    );
    expect(plain(stdout).replaceAll(address, "ENGINE").replaceAll(/ +/g, " ").split("\n")).toEqual([
      "ENGINE (the docker context `wrong` (named by the catalogue))",
      expect.stringMatching(/^ the engine ENGINE cannot be reached: /),
      ` ? ${BUSYBOX} unknown for one`,
      "ENGINE (the docker context `right` (named by the catalogue))",
      ` ✔ ${BUSYBOX} present SIZE for two`,
      "",
    ]);
    expect(code).toBe(69);
  });
});

describe("mcpfier images --pull", () => {
  test("fetches what is missing, and tells how far it is", async () => {
    const { image, release, asked } = await registry({ holdAt: 1_000_000 });
    const child = start(["images", "--pull"], {
      cwd: catalogue({ one: image, two: BUSYBOX }),
      env: { DOCKER_HOST: own },
    });
    const [stdout, stderr] = [collect(child, "stdout"), collect(child, "stderr")];
    const closed = new Promise((done) => child.once("close", done));
    await asked;
    release();
    expect(await closed).toBe(0);
    expect(plain(stdout())).toMatch(`  ✔ ${image}  fetched  SIZE  for one\n`);
    expect(stderr().split("\n").slice(1)).toEqual([
      `mcpfier: pulling ${image}`,
      `mcpfier: ${image} was fetched by ${own}`,
      "",
    ]);
    expect(await images({ one: image })).toMatchObject({ code: 0 });
  });

  test("fetches again what has to be fetched before each call, and nothing else that is there", async () => {
    const there = await registry();
    const always = await registry();
    const containers = { one: there.image, two: { image: always.image, pull: "always" } };
    expect(await images(containers, ["--pull"])).toMatchObject({ code: 0 });
    const { code, stdout } = await images(containers, ["--pull", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([{ state: "present" }, { state: "fetched" }]);
    expect(code).toBe(0);
  });

  test("fetches nothing that every command forbids to fetch, and says so", async () => {
    const { image, fetched } = await registry();
    const { code, stdout } = await images({ one: { image, pull: "never" } }, ["--pull"]);
    expect(stdout).toContain("`pull: never` of one forbids to fetch it: build or load it on that engine");
    expect(code).toBe(1);
    expect(fetched()).toBe(0);
    expect(await images({ one: { image, pull: "never" }, two: image }, ["--pull"])).toMatchObject({ code: 0 });
  });

  test("says why an image cannot be fetched, and fetches the others", async () => {
    const { image } = await registry();
    const broken = image.replace(/:\d+\//, ":1/");
    const { code, stdout } = await images({ one: broken, two: image }, ["--pull", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      { state: "failed", problem: expect.stringMatching(/^it could not be fetched: .*connection refused/) as string },
      { state: "fetched", problem: null },
    ]);
    expect(code).toBe(1);
  });

  test("fetches two at once, and stops at the first Ctrl-C", async () => {
    const all = await Promise.all([0, 1, 2].map(() => registry({ holdAt: 1000 })));
    const containers = Object.fromEntries(all.map(({ image }, index) => [`c${index}`, image]));
    const child = start(["images", "--pull"], { cwd: catalogue(containers), env: { DOCKER_HOST: own } });
    const stdout = collect(child, "stdout");
    const closed = new Promise((done) => child.once("close", done));
    await Promise.all(all.slice(0, 2).map(({ asked }) => asked));
    child.kill("SIGINT");
    expect(await closed).toBe(130);
    expect(all.map(({ fetched }) => fetched())).toEqual([1, 1, 0]);
    expect(stdout().match(/ missing /g)).toHaveLength(3);
  });

  test("writes one line again and again on a terminal", async () => {
    const { image, release, asked } = await registry({ holdAt: 1_000_000 });
    const child = start(["images", "--pull", "--color=never"], {
      cwd: catalogue({ one: image }),
      env: { DOCKER_HOST: own },
      under: ["python3", "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"],
    });
    const shown = collect(child, "stdout");
    const closed = new Promise((done) => child.once("close", done));
    await asked;
    await poll(() => / of 3\.0 MB █*░+ +\d+ %$/.test(shown()), shown);
    release();
    expect(await closed).toBe(0);
    const [, progress = "", ...rest] = shown().split("\r\n");
    const drawn = progress.split("\r\u001B[J");
    expect(drawn.slice(0, 2)).toEqual(["", `pulling ${image}\u001B[?25l`]);
    expect(drawn.at(-1)).toBe(`${image} was fetched by ${own}`);
    expect(drawn.length).toBeGreaterThan(3);
    expect(rest.join("\n")).toContain("fetched");
    expect(rest.slice(1).join("\n")).not.toContain("\u001B");
  });
});
