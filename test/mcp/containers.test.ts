// Commands in containers as a client sees them: the server as it is published, and a real engine.
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createProxy } from "../containers/proxy.ts";
import { registry } from "../containers/registry.ts";
import { becomes, containersOfProcess, engine } from "../executors/container/inside.ts";
import { atEnd, poll } from "../rig.ts";
import { type Message, type Raw, raw } from "./raw.ts";

const BUSYBOX = "mcpfier/busybox:test";

interface Session extends Raw {
  /** Calls a tool and gives its result. */
  ask(tool: string, args?: object): Promise<Result>;
  /** Waits until it has so many containers that run. */
  runs(count: number): Promise<void>;
}

type Result = NonNullable<Message["result"]>;

/** Serves commands, in containers unless they say otherwise, that may write into the workspace. */
async function serve(commands: Readonly<Record<string, object>>, host = engine): Promise<Session> {
  const session = await raw(catalogueOf(commands), {}, { env: { DOCKER_HOST: host } });
  chmodSync(session.folder, 0o777);
  let next = 1000;
  return {
    ...session,
    ask: async (tool, args = {}) => {
      const id = next++;
      session.call(id, tool, args);
      const { result, error } = await session.answer(id);
      if (!result) throw new Error(JSON.stringify(error));
      return result;
    },
    runs: async (count) => {
      await becomes(
        () => containersOfProcess(session.child.pid),
        (all) => all.length === count && all.every(({ State }) => State === "running"),
      );
    },
  };
}

function catalogueOf(commands: Readonly<Record<string, object>>): string {
  const container = { image: BUSYBOX, mounts: ["${{ workspace }}:/w"] };
  return JSON.stringify({
    defaults: { container },
    commands: Object.entries(commands).map(([name, words]) => Object.assign({ name, description: "d" }, words)),
  });
}

function sh(run: string, more: object = {}): object {
  return { shell: "sh", run, ...more };
}

const facts = (result: Result): Readonly<Record<string, unknown>> => result._meta?.["mcpfier/call"] ?? {};
const textOf = (result: Result): string => result.content?.[0]?.text ?? "";

function progressOf(session: Raw): readonly string[] {
  return session
    .messages()
    .filter(({ method }) => method === "notifications/progress")
    .map(({ params }) => String(params?.["message"]));
}

describe("an image that has to be fetched", () => {
  test("is told of while that lasts, and then the command runs in it", async () => {
    const { image, release, asked } = await registry({ holdAt: 1_500_000 });
    const session = await serve({ t: { run: ["/nothing"], container: { image, user: "1000" } } });
    session.call(1, "t", {}, { progressToken: 1 });
    await asked;
    await poll(
      () => progressOf(session).some((message) => /^pulling \S+: [01]\.\d of 3\.0 MB/.test(message)),
      () => JSON.stringify(progressOf(session)),
    );
    release();
    const { result } = await session.answer(1);
    // The image holds no program, and the engine says so when it has it.
    expect(facts(result as Result)).toMatchObject({ outcome: "refused", code: "program.missing" });
  });

  test("is not fetched any further when the call is cancelled, and other commands go on", async () => {
    const { image, asked } = await registry({ holdAt: 1000 });
    const proxy = createProxy(engine);
    atEnd(() => proxy.close());
    const commands = { t: { run: ["/nothing"], container: image }, other: { run: ["echo", "other"] } };
    const session = await serve(commands, proxy.host);
    session.call(1, "t", {});
    await asked;
    expect(textOf(await session.ask("other"))).toBe("other\n");
    await session.runs(0);
    expect(proxy.open()).toBeGreaterThan(0);
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    // An engine stops when nobody listens any more.
    await poll(
      () => proxy.open() === 0,
      () => `${proxy.open()} connections are open`,
    );
    expect(session.messages().some(({ id }) => id === 1)).toBe(false);
  });
});

describe("a cancel", () => {
  test("while the container starts, or runs, removes it", async () => {
    const proxy = createProxy(engine);
    atEnd(() => proxy.close());
    const session = await serve({ stay: sh("trap '' TERM; while :; do sleep 1; done") }, proxy.host);
    proxy.freeze(/^POST \S+\/start/);
    session.call(1, "stay", {});
    await poll(
      () => proxy.count(/^POST \S+\/start/) === 1,
      () => session.stderr(),
    );
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    proxy.mend();
    await session.runs(0);
    session.call(2, "stay", {});
    await session.runs(1);
    session.send({ method: "notifications/cancelled", params: { requestId: 2 } });
    await session.runs(0);
    expect(session.messages().some(({ id }) => id === 1 || id === 2)).toBe(false);
  });
});

describe("a call in a container", () => {
  test("that outlasts its caller goes on as a job, which can be read, waited for and cancelled", async () => {
    const { ask, folder, runs } = await serve({
      build: sh("echo started; while ! [ -e /w/go ]; do sleep 0.05; done; echo done; exit 3", {
        handoff: "300ms",
        ok_exit_codes: [0, 3],
      }),
      stay: sh("echo stays; exec sleep 600", { handoff: "300ms" }),
    });
    const handed = await ask("build");
    expect(facts(handed)).toMatchObject({ outcome: "handed_off" });
    const job = facts(handed)["id"];
    await becomes(
      () => ask("mcpfier_job_read", { job }),
      (read) => JSON.stringify(read).includes("started"),
    );
    writeFileSync(join(folder, "go"), "");
    const ended = await ask("mcpfier_job_wait", { job });
    expect(textOf(ended)).toContain("started\ndone\n");
    expect(facts(ended)).toMatchObject({ id: job, outcome: "completed", exitCode: 3, executor: "container" });
    const other = facts(await ask("stay"))["id"];
    await runs(1);
    expect(facts(await ask("mcpfier_job_cancel", { job: other }))).toMatchObject({ outcome: "cancelled" });
    await runs(0);
  });

  test("is stopped when it is silent for too long, or takes too long", async () => {
    const { ask, runs } = await serve({
      silent: sh("echo a; exec sleep 600", { idle_timeout: "500ms" }),
      talks: sh("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.2; done", { idle_timeout: "1500ms" }),
      long: sh("echo a; exec sleep 600", { timeout: "800ms" }),
    });
    const [silent, talks, long] = await Promise.all([ask("silent"), ask("talks"), ask("long")]);
    expect(facts(silent)).toMatchObject({ outcome: "timed_out", stdoutBytes: 2 });
    expect(textOf(silent)).toMatch(/printed nothing|silen|idle/);
    expect(facts(talks)).toMatchObject({ outcome: "completed", stdoutBytes: 16 });
    expect(facts(long)).toMatchObject({ outcome: "timed_out", stdoutBytes: 2 });
    await runs(0);
  });

  test("is tried again, needs others, here or there, and is remembered", async () => {
    const { ask } = await serve({
      again: sh("echo x >>/w/tries; [ $(wc -l </w/tries) = 2 ]", { effect: "read", retry: { delay: "10ms" } }),
      local: sh("echo local >from-local", { container: false }),
      inside: sh("cat /w/from-local >/w/from-inside", { needs: ["local"] }),
      both: sh("cat from-inside", { container: false, needs: ["inside"] }),
      fails: sh("echo no >&2; exit 4"),
      depends: sh("touch /w/never", { needs: ["fails"] }),
      once: sh("cat /proc/sys/kernel/random/uuid", { effect: "read", cache: { ttl: "1h" } }),
    });
    expect(facts(await ask("again"))).toMatchObject({ outcome: "completed", attempt: 2 });
    expect(textOf(await ask("both"))).toBe("local\n");
    expect(facts(await ask("depends"))).toMatchObject({ outcome: "failed", exitCode: 4 });
    const first = await ask("once");
    const second = await ask("once");
    expect([facts(first)["cached"], facts(second)["cached"]]).toEqual([false, true]);
    expect(textOf(second)).toBe(textOf(first));
  });

  test("says what limit ended it, or a child of it, while others are answered", async () => {
    const limits = { memory: "32MiB", processes: 30 };
    const session = await serve({
      // An engine begins to watch a container's memory a little after its start.
      eat: sh("sleep 1; exec tail /dev/zero", { limits }),
      parent: sh("sleep 1; tail /dev/zero; exit 0", { limits }),
      // Room for thirty shells: on a busy machine all of them are there at once.
      bomb: sh("bomb() { bomb | bomb & }; bomb; exec sleep 600", {
        limits: { ...limits, memory: "128MiB" },
        timeout: "3s",
      }),
      other: { run: ["echo", "other"] },
      local: { run: ["echo", "local"], container: false },
    });
    session.call(1, "bomb", {});
    await session.runs(1);
    expect(textOf(await session.ask("local"))).toBe("local\n");
    expect(textOf(await session.ask("other"))).toBe("other\n");
    const eaten = await session.ask("eat");
    expect(facts(eaten)).toMatchObject({ outcome: "limited", limit: "memory", exitCode: 137 });
    expect(eaten.isError).toBe(true);
    const parent = await session.ask("parent");
    expect(facts(parent)).toMatchObject({ outcome: "limited", limit: "memory", exitCode: 0 });
    expect(JSON.stringify(parent.content)).toContain("limit of memory");
    expect(facts((await session.answer(1)).result as Result)).toMatchObject({ outcome: "timed_out" });
    await session.runs(0);
  });
});

describe("a catalogue that changes", () => {
  test("moves a command into a container and back, and a call that runs ends where it began", async () => {
    const where = { run: ["hostname"] };
    const session = await serve({ where: { ...where, container: false } });
    const change = async (commands: Readonly<Record<string, object>>, times: number): Promise<void> => {
      writeFileSync(join(session.folder, "mcpfier.yaml"), catalogueOf(commands));
      await poll(
        () => session.stderr().split("the catalogue changed").length === times + 1,
        () => session.stderr(),
      );
    };
    const local = textOf(await session.ask("where"));
    expect(local).not.toBe("mcpfier\n");
    const wait = sh("hostname; while ! [ -e /w/go ]; do sleep 0.05; done");
    await change({ where, wait }, 1);
    expect(textOf(await session.ask("where"))).toBe("mcpfier\n");
    session.call(1, "wait", {});
    await session.runs(1);
    await change({ where: { ...where, container: false } }, 2);
    expect(textOf(await session.ask("where"))).toBe(local);
    writeFileSync(join(session.folder, "go"), "");
    expect(textOf((await session.answer(1)).result as Result)).toBe("mcpfier\n");
    expect(existsSync(join(session.folder, "go"))).toBe(true);
  });
});
