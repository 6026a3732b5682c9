// `mcpfier run` as it is published, and every way to an engine.
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { certificates, serveTls } from "../../containers/certificates.ts";
import { passOn, serveSocket } from "../../containers/engine.ts";
import { addressOf, keyOf, known, sshd } from "../../containers/sshd.ts";
import { containersOf } from "../../engines.ts";
import { BIN, type RunOptions, folder, mcpfier } from "../../rig.ts";
import { catalogueOf, installForAll, placeOf, removeRooms } from "../variants.ts";
import { engine, imageOf } from "./inside.ts";

afterAll(removeRooms);

/** Runs a command that reads its input, prints on both streams and fails, and tells how it went; nothing of it is left. */
async function through(env: RunOptions["env"], container: object = {}): Promise<void> {
  const name = `through-${crypto.randomUUID().slice(0, 8)}`;
  const command = {
    shell: "sh",
    run: 'cat; echo "$arg_word" >&2; exit 7',
    stdin: "${{ input }}",
    params: { input: { type: "string" }, word: { type: "string" } },
    container: { image: "mcpfier/busybox:test", ...container },
  };
  const cwd = folder({ "mcpfier.yaml": catalogueOf({ [name]: command }) });
  const input = "a line of input\n".repeat(3);
  const args = JSON.stringify({ input, word: "to stderr" });
  const ran = await mcpfier(["run", name, "--args", args], { cwd, env: { DOCKER_HOST: undefined, ...env } });
  if (ran.code === 125) throw new Error(ran.stderr);
  expect(ran).toMatchObject({ code: 7, stdout: input, stderr: expect.stringContaining("to stderr\n") });
  expect(await containersOf(engine, `mcpfier.command=${name}`)).toEqual([]);
}

describe("a command runs", () => {
  it("by DOCKER_HOST and by the address of the catalogue", async () => {
    await Promise.all([through({ DOCKER_HOST: engine }), through({}, { engine })]);
  });

  it("over TCP with TLS", async () => {
    const at = certificates();
    const address = await serveTls(at);
    await through({ DOCKER_HOST: address, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: at });
  });

  it("over SSH", async () => {
    const server = await sshd();
    const home = folder({ ".ssh/known_hosts": known(server), ".ssh/id_ed25519": keyOf(server) });
    await through({ HOME: home, DOCKER_HOST: addressOf(server.port) });
  });

  it("in a docker context: the current one, the one of DOCKER_CONTEXT, and the catalogue's", async () => {
    const config = folder();
    const env = { ...process.env, DOCKER_CONFIG: config, DOCKER_HOST: "" };
    const docker = (...args: string[]): unknown =>
      execFileSync("docker", ["context", ...args], { env, stdio: "ignore" });
    docker("create", "near", "--docker", `host=${engine}`);
    docker("create", "far", "--docker", `host=unix://${config}/none.sock`);
    docker("use", "far");
    const named = { DOCKER_CONFIG: config };
    await Promise.all([
      through({ ...named, DOCKER_CONTEXT: "near" }),
      through(named, { engine: "context://near" }),
      expect(through(named)).rejects.toThrow("none.sock"),
    ]);
    docker("use", "near");
    await through(named);
  });
});

describe("the exit code", () => {
  it("says why nothing ran", async () => {
    const container = "mcpfier/busybox:test";
    const cwd = folder({
      "mcpfier.yaml": catalogueOf({
        down: { run: ["true"], container: { image: container, engine: "unix:///nowhere/engine.sock" } },
        image: { run: ["true"], container: { image: "mcpfier/none:test", pull: "never" } },
        program: { run: ["no-such-program"], container },
        text: { run: ["/etc/passwd"], container },
        late: { run: ["sleep", "600"], timeout: "300ms", container },
        // An engine begins to watch a container's memory a little after its start.
        eaten: { shell: "sh", run: "sleep 1; exec tail /dev/zero", limits: { memory: "32MiB" }, container },
        killed: { shell: "sh", run: "kill -SEGV $$", container },
        fine: { run: ["true"], container },
      }),
    });
    const run = (name: string) => mcpfier(["run", name], { cwd, env: { DOCKER_HOST: engine } });
    const expected: Readonly<Record<string, readonly [code: number, says: string]>> = {
      down: [125, "engine.down"],
      image: [125, "image.missing"],
      program: [127, "program.missing"],
      text: [126, "program.not_executable"],
      late: [124, "timed out"],
      eaten: [137, "limit of memory"],
      killed: [139, "SIGSEGV"],
      fine: [0, ""],
    };
    const names = Object.keys(expected);
    const ran = await Promise.all(names.map(run));
    names.forEach((name, at) => {
      const [code = 0, says = ""] = expected[name] ?? [];
      expect(ran[at], name).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(says) });
    });
  });

  it("of `mcpfier test --run` tells whether the tests of commands in containers came true", async () => {
    const command = (stdout: string): object => ({
      shell: "sh",
      run: 'echo "$arg_x in $(hostname)"; exit 3',
      params: { x: { type: "string" } },
      ok_exit_codes: [3],
      container: "mcpfier/busybox:test",
      tests: [{ args: { x: "one" }, exit: 3, stdout }],
    });
    const test = (stdout: string) =>
      mcpfier(["test", "--run"], {
        cwd: folder({ "mcpfier.yaml": catalogueOf({ t: command(stdout) }) }),
        env: { DOCKER_HOST: engine },
      });
    expect(await test("one in mcpfier")).toMatchObject({ code: 0, stdout: expect.stringContaining("1 passed") });
    expect(await test("two in mcpfier")).toMatchObject({ code: 1, stdout: expect.stringContaining("one in mcpfier") });
  });
});

describe("mcpfier as an ordinary user who may use the engine's socket", () => {
  it("gives the files of arguments to whatever user is inside, and its own to its own", async () => {
    const group = 4242;
    const address = await serveSocket((socket) => void passOn(socket));
    const socket = address.slice("unix://".length);
    const named = await imageOf("busybox", "true", "USER node");
    const params = { x: { type: "string", as: "file" } };
    const read = (container: object): object => ({
      shell: "sh",
      run: 'id -u; cat "$arg_x"; stat -c %a "$arg_x"',
      params,
      container: { image: "mcpfier/busybox:test", mounts: ["${{ workspace }}:/w:ro"], ...container },
    });
    const commands = {
      own: read({}),
      nobody: read({ image: "mcpfier/nobody:test" }),
      named: read({ image: named }),
      number: read({ user: "1234:4321" }),
    };
    const cwd = folder({ "mcpfier.yaml": catalogueOf(commands) });
    const isRoot = process.getuid?.() === 0;
    const uid = isRoot ? 2345 : process.getuid?.();
    const [node, bin, home] = isRoot ? installForAll() : [process.execPath, BIN, folder()];
    for (const path of [cwd, dirname(socket)]) chmodSync(path, 0o755);
    if (isRoot) chownSync(socket, 0, group);
    chmodSync(socket, 0o660);
    const TMPDIR = folder();
    chmodSync(TMPDIR, 0o777);
    const under: readonly string[] = isRoot
      ? [placeOf("setpriv"), `--reuid=${uid}`, `--regid=${uid}`, `--groups=${group}`, "--"]
      : [];
    const run = async (name: string): Promise<string> => {
      const [program, ...words] = [...under, node, bin, "run", name, "--x", `for ${name}\n`];
      const env = { PATH: process.env["PATH"], HOME: home, TMPDIR, DOCKER_HOST: address };
      return (await promisify(execFile)(program, words, { cwd, env })).stdout;
    };
    const said = await Promise.all(Object.keys(commands).map(run));
    expect(said.map((each) => each.split("\n").slice(0, 3))).toEqual([
      [String(uid), "for own", "600"],
      ["65534", "for nobody", "644"],
      ["1000", "for named", "644"],
      ["1234", "for number", "644"],
    ]);
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith("mcpfier-"))).toEqual([]);
  });
});
