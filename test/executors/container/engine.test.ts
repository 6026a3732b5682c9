// What an engine does, or says no to, while it is well: failures.md K2 to K5 and K8 to K17.
import { readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { daemonAt } from "../../../src/containers/daemon.ts";
import { locate } from "../../../src/containers/locate.ts";
import { containersOf, docker, engineHost } from "../../engines.ts";
import { atEnd, folder, host, load, poll } from "../../rig.ts";
import { catalogueOf } from "../variants.ts";
import { NOTE, type Stage, inside, linesIn, marked, stage, stdoutOf } from "./stage.ts";

const target = await engineHost();

/** The container of a call that runs. */
async function containerOf(tool: string, on: Stage): Promise<string> {
  const all = await containersOf(target, `mcpfier.command=${tool}`);
  const own = await Promise.all(
    all.map(async ({ Id }) => [Id, await docker(target, "inspect", "--format", "{{json .Mounts}}", Id)] as const),
  );
  return own.find(([, mounts]) => mounts.includes(on.folder))?.[0] ?? "";
}

describe("images", () => {
  it("K2: an image that is missing, and must not be fetched, is a refusal that names both", async () => {
    const on = await stage(target, { t: inside("true", { container: { image: "mcpfier/none:test" } }) });
    const outcome = await on.call("t");
    expect(outcome).toMatchObject({ kind: "refused", code: "image.missing" });
    expect(outcome).toHaveProperty("problems.0", expect.stringMatching(/no image mcpfier\/none:test.*pull: never/));
    await on.nothingLeft();
  });

  it("K3: a pull that fails is a refusal with the registry's words", async () => {
    const on = await stage(target, { t: inside("true", { container: { image: "localhost:1/x", pull: "missing" } }) });
    const outcome = await on.call("t");
    expect(outcome).toMatchObject({ kind: "refused", code: "image.missing" });
    expect(outcome).toHaveProperty("problems.0", expect.stringMatching(/localhost:1\/x could not be fetched.*refused/));
    await on.nothingLeft();
  });

  it("K3: a pull that hangs is shared, tells of itself, holds nobody who cancels, and fails with its engine", async () => {
    const on = await stage(target, { t: inside("true", { container: { image: "localhost:1/x", pull: "missing" } }) });
    on.proxy.freeze(/\/images\/create/);
    const cancel = new AbortController();
    const doing: string[] = [];
    const waiting = on.call("t");
    const cancelled = on.call("t", { signal: cancel.signal, doing: (what) => doing.push(what) });
    await poll(
      () => doing.some((what) => what.startsWith("pulling localhost:1/x")) && on.proxy.count(/\/images\/create/) > 0,
      () => doing.join("; "),
    );
    cancel.abort();
    expect((await cancelled).kind).toBe("cancelled");
    expect(on.proxy.count(/\/images\/create/)).toBe(1);
    on.proxy.cut();
    expect(await waiting).toMatchObject({ kind: "refused", code: "engine.down" });
    on.proxy.mend();
    await on.nothingLeft();
  });
});

describe("ends", () => {
  it("K4: memory that runs out is the outcome limited, and not an exit code alone", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; tail /dev/zero`, { limits: { memory: "16MiB" } }) });
    expect(await on.call("t")).toMatchObject({ kind: "limited", limit: "memory" });
    await on.nothingLeft();
  });

  it("K5: a container that somebody removes is lost, with no exit code", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; echo before; sleep 60`) });
    const calling = on.call("t");
    await begun(on);
    await docker(target, "rm", "--force", await containerOf("t", on));
    const outcome = await calling;
    expect(outcome).toMatchObject({ kind: "unknown", exitCode: null, signal: null, limit: null });
    expect(outcome).toHaveProperty("why", expect.stringContaining("somebody else removed the container"));
    expect(outcome).toHaveProperty(
      "shown.text",
      expect.stringMatching(/check that before you call it again[^]*before/),
    );
    await on.nothingLeft();
  });

  it("K5: one that somebody kills has failed by that signal, and says so", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; sleep 60`) });
    const calling = on.call("t");
    await begun(on);
    await docker(target, "kill", await containerOf("t", on));
    expect(await calling).toMatchObject({ kind: "failed", exitCode: 137, signal: "SIGKILL" });
    await on.nothingLeft();
  });

  it("K8: output that is cut off after some bytes is incomplete, and the exit code is still right", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; seq 1 20000; sleep 0.3; exit 3`) });
    for (const bytes of [1, 4, 8, 9, 5000]) {
      on.proxy.cutAfter(bytes, /\/attach/);
      const outcome = await on.call("t");
      expect(outcome).toMatchObject({ kind: "failed", exitCode: 3, incomplete: true });
      expect(outcome).toHaveProperty("shown.text", expect.stringMatching(/engine broke off; output may be missing/));
      expect(stdoutOf(outcome).length).toBeLessThan(bytes);
    }
    on.proxy.mend();
    expect(await on.call("t")).toMatchObject({ kind: "failed", exitCode: 3, incomplete: false });
    await on.nothingLeft();
  });

  it("K8: a command whose input was cut off says that too", async () => {
    // What has been read shows that the input is under way.
    const slow = `head -c 1 >first; ${NOTE}; until [ -e go ]; do sleep 0.1; done; cat >got; sleep 2; exit 3`;
    const on = await stage(target, { t: inside(slow, { stdin: "x".repeat(5_000_000) }) });
    const calling = on.call("t");
    await begun(on);
    on.proxy.cut(/\/attach/);
    writeFileSync(join(on.folder, "go"), "");
    const outcome = await calling;
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 3, incomplete: true });
    expect(statSync(join(on.folder, "got")).size).toBeLessThan(5_000_000);
    expect(outcome).toHaveProperty("shown.text", expect.stringContaining("input may not have reached it"));
    on.proxy.mend();
    await on.nothingLeft();
  });

  it("K9: output that nobody takes keeps no call from being stopped", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; yes`, { timeout: "1s" }) });
    const outcome = await on.call("t", { stdout: () => new Promise(() => undefined) });
    expect(outcome).toMatchObject({ kind: "timed_out" });
    await on.nothingLeft();
  });

  it("K10, K11: a command that ends at once ends with its own exit code, each time", async () => {
    const on = await stage(target, { t: inside("exit 9") });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => on.call("t")));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "failed", exitCode: 9, incomplete: false });
    const order = on.proxy.requests().map((line) => /(?<=\w{64}\/)\w+/.exec(line)?.[0] ?? "");
    expect(order.indexOf("wait")).toBeLessThan(order.indexOf("start"));
    expect(on.proxy.count(/\/wait\?condition=next-exit /)).toBe(8);
    await on.nothingLeft();
  });

  it("what a program says in the words of the init is no refusal: it ran", async () => {
    const says = (name: string, exitCode: number): object =>
      inside(`${NOTE}; echo '[FATAL tini (7)] exec ${name} failed: No such file or directory' >&2; exit ${exitCode}`);
    const on = await stage(target, { fine: says("sh", 0), other: says("rm", 127), odd: says("sh", 3) });
    expect(await on.call("fine")).toMatchObject({ kind: "completed" });
    expect(await on.call("other")).toMatchObject({ kind: "failed", exitCode: 127 });
    expect(await on.call("odd")).toMatchObject({ kind: "failed", exitCode: 3 });
    expect(on.runs()).toBe(3);
    await on.nothingLeft();
  });

  // An engine that is busy may not count them in the second that it gets.
  it("L4: as many processes as it may have are told of, and not one less", { retry: 2 }, async () => {
    const limits = { limits: { processes: 3 }, timeout: "2s" };
    const on = await stage(target, {
      full: inside("sleep 60 & sleep 60 & wait", limits),
      less: inside("sleep 60 & wait", limits),
    });
    const [full, less] = await Promise.all([on.call("full"), on.call("less")]);
    expect(full).toMatchObject({ kind: "timed_out", limit: "processes" });
    expect(less).toMatchObject({ kind: "timed_out", limit: null });
    await on.nothingLeft();
  });

  it("K16: a program that would ignore SIGTERM as process 1 is stopped by it, without SIGKILL", async () => {
    const on = await stage(target, { t: { ...inside(""), run: ["sleep", "60"], timeout: "1s" } });
    expect(await on.call("t")).toMatchObject({ kind: "timed_out", exitCode: 143, signal: "SIGTERM" });
    expect(on.proxy.count(/\/kill\?signal=SIGKILL/)).toBe(0);
    await on.nothingLeft();
  });
});

describe("containers", () => {
  it("K12: calls of one command do not meet: containers have no names of ours, but labels", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; until [ -e go ]; do sleep 0.1; done`) });
    const calls = [1, 2, 3].map(() => on.call("t"));
    await poll(
      () => on.runs() === 3,
      () => `${on.runs()} began`,
    );
    expect(on.proxy.requests().filter((line) => /create\?.*name=/.test(line))).toEqual([]);
    expect((await containersOf(target, "mcpfier.command=t")).length).toBeGreaterThanOrEqual(3);
    writeFileSync(join(on.folder, "go"), "");
    for (const outcome of await Promise.all(calls)) expect(outcome.kind).toBe("completed");
    await on.nothingLeft();
  });

  it("K13: a start that fails is a refusal, and leaves no container that was only created", async () => {
    const nope = { ...inside(""), run: ["/nope"] };
    const on = await stage(target, { t: nope, cwd: inside("true", { container: { workdir: "/proc/nope" } }) });
    expect(await on.call("t")).toMatchObject({ kind: "refused", code: "program.missing" });
    expect(await on.call("cwd")).toMatchObject({ kind: "refused", code: "engine.refused" });
    await on.nothingLeft();
  });

  it("no server that has ended begins with any", async () => {
    const on = await stage(target, { t: inside("true", { container: { warm: 1 } }) });
    await on.engine.close();
    await on.engine.settleIn();
    expect(on.proxy.met()).toBe(0);
  });

  it("K14: removing one thrice at once, and again, is fine", async () => {
    const daemon = daemonAt(await locate(target, host));
    atEnd(() => daemon.close());
    const id = await docker(target, "run", "--detach", "--network=none", "mcpfier/busybox:test", "sleep", "60");
    await Promise.all([daemon.remove(id), daemon.remove(id), daemon.remove(id)]);
    await daemon.remove(id);
    expect(await daemon.inspect(id)).toBeNull();
  });

  it("K15: no log of the engine grows with the output", async () => {
    const on = await stage(target, { t: inside(`${NOTE}; yes | head -c 20000000; : > printed; sleep 60`) });
    const cancel = new AbortController();
    const calling = on.call("t", { signal: cancel.signal });
    await marked(join(on.folder, "printed"));
    const id = await containerOf("t", on);
    expect(await docker(target, "inspect", "--format", "{{.HostConfig.LogConfig.Type}} {{.LogPath}}", id)).toBe("none");
    const root = await docker(target, "info", "--format", "{{.DockerRootDir}}");
    expect(sizeOf(join(root, "containers", id))).toBeLessThan(100_000);
    cancel.abort();
    expect((await calling).kind).toBe("cancelled");
    await on.nothingLeft();
  });

  it("K17: a socket, privileges and the host's processes are no load without a word for them", async () => {
    const words = (container: object): string => catalogueOf({ t: inside("true", { container }) });
    for (const container of [
      { mounts: ["/var/run/docker.sock:/run/docker.sock"] },
      { privileged: true },
      { share: ["pid"] },
    ]) {
      const { catalogue, problems } = await load(words(container));
      expect(catalogue, JSON.stringify(container)).toBeNull();
      expect(problems.map(({ rule }) => rule)).toContain("container-unsafe");
    }
  });

  it("K17: where the engine keeps its containers is refused at the call, unless that is allowed", async () => {
    const root = await docker(target, "info", "--format", "{{.DockerRootDir}}");
    const params = { p: { type: "path", within: [dirname(root)], exists: "any" } };
    const container = { mounts: ["${{ workspace }}:${{ workspace }}", "${{ p }}:/given:ro"] };
    const on = await stage(target, {
      t: inside(NOTE, { params, container }),
      allowed: inside(NOTE, { params, container: { ...container, allow_unsafe: true } }),
    });
    for (const p of [root, join(root, "containers"), dirname(root)])
      expect(await on.call("t", { arguments: { p } }), p).toMatchObject({
        kind: "refused",
        code: "path.outside",
        problems: [expect.stringContaining("the files of all containers")],
      });
    expect(on.runs()).toBe(0);
    expect((await on.call("allowed", { arguments: { p: join(root, "containers") } })).kind).toBe("completed");
    await on.nothingLeft();
  });

  it("K17: a path parameter that leads to a socket is refused at the call, through a link too", async () => {
    const where = folder({ "a/other": "" });
    const params = { p: { type: "path", within: [where], exists: "any" } };
    const mounts = ["${{ p }}:/given:ro"];
    const on = await stage(target, { t: inside(NOTE, { params, container: { mounts } }) });
    const server = createServer().listen(join(where, "a/docker.sock"));
    atEnd(() => new Promise((done) => void server.close(done)));
    symlinkSync("docker.sock", join(where, "a/file"));
    for (const p of ["a/docker.sock", "a/file"]) {
      const outcome = await on.call("t", { arguments: { p: join(where, p) } });
      expect(outcome).toMatchObject({ kind: "refused", code: "path.outside" });
    }
    expect(on.proxy.requests()).toEqual([]);
  });
});

async function begun(on: Stage): Promise<void> {
  await marked(join(on.folder, "runs"));
  expect(linesIn(join(on.folder, "runs"))).toBe(1);
}

function sizeOf(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
