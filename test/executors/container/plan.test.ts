// What a call in a container would be: no engine is needed to know.
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Command } from "../../../src/command/command.ts";
import { type ContainerPlan, planContainer } from "../../../src/executors/container/plan.ts";
import type { Plan } from "../../../src/executors/plan.ts";
import type { Outcome } from "../../../src/pipeline/call.ts";
import { caseOf, catalogueOf, many } from "../../command/arbitrary.ts";
import { passable } from "../../command/hostile.ts";
import { type Engine } from "../../../src/engine.ts";
import { engineOf, folder, host, load } from "../../rig.ts";

const CONTAINER = { image: "debian", mounts: ["${{ workspace }}:/work:ro"] };

function planned(outcome: Outcome): Plan {
  if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
  return outcome.plan;
}

const dry = (engine: Engine, tool: string, args: object = {}): Promise<Outcome> =>
  engine.call({ tool, arguments: args, dryRun: true });

const refusal = (outcome: Outcome): unknown => (outcome.kind === "refused" ? outcome.code : outcome.kind);

describe("the same command with and without a container", () => {
  it("renders the same arguments, whatever they are", async () => {
    const commands = fc
      .sample(
        many(60, (pick) => caseOf(pick, 3)),
        { numRuns: 1, seed: 4 },
      )
      .flat();
    const raw = commands.map(({ command }, index) => ({ ...command, name: `c${index}` }));
    const path = folder();
    const [outside, inside] = await Promise.all([
      engineOf(catalogueOf(raw), { folder: path }),
      engineOf(catalogueOf(raw, { container: CONTAINER }), { folder: folder() }),
    ]);
    for (const [index, { calls }] of commands.entries())
      for (const args of calls) {
        const [local, contained] = await Promise.all([dry(outside, `c${index}`, args), dry(inside, `c${index}`, args)]);
        if (local.kind !== "planned") expect(refusal(contained)).toBe(refusal(local));
        else expect(planned(contained).argv.slice(1)).toEqual(local.plan.argv.slice(1));
      }
  });

  it("differs by its paths, and by nothing else that the catalogue says", async () => {
    const path = folder({ "src/one": "", "src/two words": "" });
    const keys = {
      description: "d",
      run: [
        "cat",
        "-n",
        "${{ flags }}",
        "--",
        "in:${{ one }}",
        ["--each", "${{ all }}"],
        "${{ workspace }}/x",
        "${{ text }}",
      ],
      params: {
        one: { type: "path", default: "src/one" },
        all: { type: "array", items: { type: "path" }, default: ["src", "src/two words", "."] },
        joined: { type: "array", items: { type: "path" }, join: ":", flag: "--joined=", default: ["src", "new\nname"] },
        text: { type: "string" },
      },
      stdin: "at ${{ one }}",
      env: { A: "b", WHERE: "${{ one }}", ROOT: "${{ workspace }}" },
      cwd: "src",
      timeout: "7s",
      idle_timeout: "3s",
      limits: { memory: "1GiB", cpu: 1, processes: 9, open_files: 50, file_size: "1MiB" },
    };
    const engine = await engineOf(
      JSON.stringify({
        commands: [
          { name: "out", ...keys },
          { name: "in", container: CONTAINER, ...keys },
        ],
      }),
      { folder: path },
    );
    const args = { text: `${path}/src/one` };
    const [local, contained] = [planned(await dry(engine, "out", args)), planned(await dry(engine, "in", args))];
    const moved = (text: string): string => text.replaceAll(path, "/work");
    // A text is no path, whatever it looks like.
    expect(contained.argv).toEqual([...local.argv.slice(0, -1).map(moved), args.text]);
    expect(contained.stdin).toBe(moved(local.stdin ?? ""));
    expect(contained.cwd).toBe("/work/src");
    const own = ({ env }: Plan): readonly unknown[] =>
      env.filter(({ from }) => from === "file" || from === "argument").map(({ name, value }) => [name, moved(value)]);
    expect(own(contained)).toEqual(own(local));
    expect(contained.timeoutMs).toBe(local.timeoutMs);
    expect(contained.idleTimeoutMs).toBe(local.idleTimeoutMs);
    expect(contained.limits.map(({ name, value }) => [name, value])).toEqual(
      local.limits.map(({ name, value }) => [name, value]),
    );
    expect((contained as ContainerPlan).hostCwd).toBe(join(path, "src"));
  });

  it("gets of the host's environment what it names, and nothing of what describes the host", async () => {
    const env = { ...host.env, LANG: "C", SECRET_TOKEN: "hush-hush", LD_PRELOAD: "/x.so", TERM: "vt100", arg_x: "1" };
    const engine = await engineOf(
      JSON.stringify({
        commands: [
          { name: "none", description: "d", run: ["env"], container: "debian" },
          { name: "some", description: "d", run: ["env"], container: "debian", env: { inherit: ["SECRET_*", "LD_*"] } },
          { name: "all", description: "d", run: ["env"], container: "debian", env: { inherit: "all", HOME: "/h" } },
        ],
      }),
      { host: { ...host, env } },
    );
    const names = async (tool: string): Promise<readonly string[]> =>
      planned(await dry(engine, tool)).env.map(({ name }) => name);
    const own = ["TERM", "container", "HOSTNAME", "NO_COLOR", "TINI_KILL_PROCESS_GROUP", "HOME", "MCPFIER_CALL"];
    expect((await names("none")).toSorted()).toEqual(own.toSorted());
    expect((await names("some")).toSorted()).toEqual([...own, "SECRET_TOKEN"].toSorted());
    const all = await names("all");
    for (const name of ["PATH", "LANG", "LD_PRELOAD", "USER", "arg_x"]) expect(all).not.toContain(name);
    expect(all).toContain("SECRET_TOKEN");
    const values = new Map(planned(await dry(engine, "all")).env.map(({ name, value }) => [name, value]));
    expect([values.get("HOME"), values.get("TERM")]).toEqual(["/h", "dumb"]);
    expect(planned(await dry(engine, "some")).secrets).toContain("hush-hush");
  });
});

describe("a path", () => {
  const catalogue = (container: object, params: object): string =>
    JSON.stringify({
      commands: [{ name: "t", description: "d", run: ["ls", "--", "${{ p }}", "${{ all }}"], params, container }],
    });
  const PARAMS = { p: { type: "path" }, all: { type: "array", items: { type: "path" } } };

  /** Within what is mounted. */
  const MOVED = { p: { type: "path", within: ["./data"] }, all: { type: "string" } };

  it("stays one element, with whatever is in it, below what is mounted", async () => {
    const engine = await engineOf(catalogue(CONTAINER, PARAMS));
    const name = passable
      .map((text) => text.replaceAll("/", "").slice(0, 40))
      .filter((text) => !["", ".", ".."].includes(text) && Buffer.byteLength(text) < 200);
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 3 }), async (names) => {
        const path = names.join("/");
        const plan = planned(await dry(engine, "t", { p: path, all: [path, "."] }));
        expect(plan.argv).toEqual(["ls", "--", `/work/${path}`, `/work/${path}`, "/work"]);
      }),
      { numRuns: 500 },
    );
  });

  it("that a parameter mounts is one source, colons and all, and is seen there", async () => {
    const path = folder({ "a:b:ro": "", "-x": "", "two words": "" });
    const engine = await engineOf(
      catalogue({ image: "debian", mounts: ["${{ p }}:/one:ro"] }, { p: PARAMS.p, all: {} }),
      {
        folder: path,
      },
    );
    for (const p of ["a:b:ro", "-x", "two words", "x:/:/y"]) {
      const plan = planned(await dry(engine, "t", { p })) as ContainerPlan;
      expect(plan.mounts).toEqual([{ kind: "bind", source: join(path, p), target: "/one", readOnly: true }]);
      expect(plan.argv).toEqual(["ls", "--", "/one"]);
    }
    expect((planned(await dry(engine, "t")) as ContainerPlan).mounts).toEqual([]);
  });

  it.each(["x,source=/", 'x"', "x\ny", "x,ro=false,y"])(
    "that could be read as options of a mount is refused: %j",
    async (p) => {
      const engine = await engineOf(
        catalogue({ image: "debian", mounts: ["${{ p }}:/one:ro"] }, { p: PARAMS.p, all: {} }),
      );
      expect(await dry(engine, "t", { p })).toMatchObject({ kind: "refused", code: "path.invalid" });
    },
  );

  it("that something else hides is refused, and said", async () => {
    const engine = await engineOf(
      catalogue({ ...CONTAINER, tmpfs: { "/work/cache": "1MiB" } }, { ...PARAMS, s: { type: "path", secret: true } }),
    );
    expect(planned(await dry(engine, "t", { p: "cached" })).argv.at(-1)).toBe("/work/cached");
    const outcome = await dry(engine, "t", { p: "cache/x", all: [".", "cache"] });
    expect(outcome).toMatchObject({
      kind: "refused",
      code: "path.outside",
      problems: [expect.stringContaining("cache/x"), expect.stringContaining("all: no mount shows")],
    });
    const secret = await dry(engine, "t", { s: "cache/hush" });
    expect(refusal(secret)).toBe("path.outside");
    expect(JSON.stringify(secret)).not.toContain("hush");
  });

  it("of a mount that has become a link since the catalogue was loaded is refused", async () => {
    const path = folder({ "data/x": "", "other/x": "" });
    const engine = await engineOf(catalogue({ image: "debian", mounts: ["./data:/data"] }, MOVED), { folder: path });
    expect((await dry(engine, "t")).kind).toBe("planned");
    renameSync(join(path, "data"), join(path, "moved"));
    symlinkSync("/", join(path, "data"));
    expect(await dry(engine, "t")).toMatchObject({ kind: "refused", code: "path.outside" });
  });
});

describe("what would give the container the host", () => {
  const at = async (mounts: readonly string[], more: object = {}, env: object = {}): Promise<readonly string[]> => {
    const path = folder({ "engine/api.sock": "", "data/x": "", "home/notes/x": "", "home/.ssh/id": "" });
    symlinkSync(join(path, "engine/api.sock"), join(path, "link"));
    symlinkSync(join(path, "engine"), join(path, "up"));
    mkdirSync(join(path, "ws"));
    writeFileSync(join(path, "ws/x"), "");
    const { problems } = await load(
      JSON.stringify({
        workspace: join(path, "ws"),
        commands: [{ name: "t", description: "d", run: ["ls"], container: { image: "debian", mounts, ...more } }],
      }).replaceAll("<>", path),
      {
        folder: path,
        host: {
          ...host,
          home: join(path, "home"),
          env: { ...host.env, DOCKER_HOST: undefined, ...JSON.parse(JSON.stringify(env).replaceAll("<>", path)) },
        },
      },
    );
    return problems.map(({ rule, message }) => `${rule}: ${message.replaceAll(path, "<>")}`);
  };

  test("is the socket that DOCKER_HOST names, by itself, by a link, and by a folder above", async () => {
    const env = { DOCKER_HOST: "unix://<>/link" };
    const socket = "would give the container the engine's socket";
    expect(await at(["<>/engine/api.sock:/a"])).toEqual([]);
    expect(await at(["<>/engine/api.sock:/a", "<>/link:/b", "<>/up:/c:ro", "<>/data:/d"], {}, env)).toEqual([
      `container-unsafe: <>/engine/api.sock ${socket}`,
      `container-unsafe: <>/engine/api.sock ${socket}`,
      `container-unsafe: <>/engine ${socket}`,
    ]);
  });

  test("is the socket of an engine that the command names", async () => {
    const found = await at(["../engine:/a:ro"], { engine: ["tcp://localhost:1", "unix://<>/link"] });
    expect(found).toEqual(["container-unsafe: <>/engine would give the container the engine's socket"]);
  });

  test("is the home folder, and what is run from there at the next login, but no other part of it", async () => {
    expect(await at(["~:/a:ro", "~/.ssh:/b", "~/.bashrc:/c", "~/.config:/d"])).toEqual([
      "container-unsafe: <>/home would give the container the whole home folder, with its keys and what runs at the next login",
      ...[".ssh", ".bashrc", ".config"].map(
        (name) =>
          `container-unsafe: <>/home/${name} would give the container what the host itself runs and obeys, to be changed`,
      ),
    ]);
    expect(await at(["~/notes:/a", "~/.ssh:/b:ro", "~/.config/gcloud:/c"])).toEqual([]);
  });

  test("is told of a catalogue that it could change, and of one that it cannot", async () => {
    expect(await at(["<>:/a"])).toEqual([
      expect.stringMatching(/^container-unsafe: .*(?:home folder|change this catalogue)/),
    ]);
    expect(await at(["<>/mcpfier.yaml:/a"])).toEqual([
      "container-unsafe: the container could change this catalogue, and so what runs on the host",
    ]);
    expect(await at(["<>/mcpfier.yaml:/a:ro", "${{ workspace }}:/b"])).toEqual([]);
  });

  test("is not inherited by a command that is not allowed what `defaults` are", async () => {
    const container = { image: "debian", allow_unsafe: true, mounts: ["/proc:/a", "/srv:/b"] };
    const { problems } = await load(
      JSON.stringify({
        defaults: { container },
        commands: [
          { name: "same", description: "d", run: ["ls"] },
          { name: "closed", description: "d", run: ["ls"], container: { allow_unsafe: false } },
          { name: "own", description: "d", run: ["ls"], container: { allow_unsafe: false, mounts: ["/srv:/b"] } },
        ],
      }),
    );
    expect(problems.map(({ severity, rule, message }) => [severity, rule, message])).toEqual([
      ["warning", "container-unsafe", "/proc would give the container the kernel's own files"],
      ["error", "container-unsafe", "/proc, which `defaults` mount, would give the container the kernel's own files"],
    ]);
  });

  test("is refused at the call as well, when an argument leads there", async () => {
    const path = folder({ "a/x": "", ".ssh/id": "" });
    const engine = await engineOf(
      JSON.stringify({
        commands: [
          {
            name: "t",
            description: "d",
            run: ["ls", "${{ p }}"],
            params: { p: { type: "path", within: ["~"] } },
            container: { image: "debian", mounts: ["${{ p }}:/p"] },
            concurrency: 1,
          },
        ],
      }),
      { folder: path, host: { ...host, home: path } },
    );
    expect(refusal(await dry(engine, "t", { p: "a" }))).toBe("planned");
    for (const [p, why] of [
      ["a/docker.sock", "the engine's socket"],
      [".", "the whole home folder"],
      [".ssh", "what the host itself runs"],
    ])
      expect(await dry(engine, "t", { p })).toMatchObject({
        kind: "refused",
        code: "path.outside",
        problems: [expect.stringContaining(String(why))],
      });
  });
});

test("a command without a container is none of this executor's", async () => {
  const { catalogue } = await load("commands: [{ name: t, description: d, run: [ls] }]");
  const [command] = catalogue?.commands ?? [];
  const context = { callId: "x", host, path: "", secrets: [], ability: { containment: "group", limits: {} } };
  expect(() => planContainer(command as Command, new Map(), context as never)).toThrow("t has no container");
});
