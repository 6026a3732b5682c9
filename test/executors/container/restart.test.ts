// An engine that is killed, stays away for a while and comes back, while calls run: failures.md K1, K6.
import { writeFileSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PrivateEngine, privateEngine } from "../../engines.ts";
import type { Outcome } from "../../../src/pipeline/call.ts";
import { atEnd, folder, poll } from "../../rig.ts";
import { NOTE, type Stage, inside, marked, stage } from "./stage.ts";

let own: PrivateEngine;
beforeAll(async () => {
  own = await privateEngine();
});
afterAll(() => own.down());

const UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";

const COMMANDS = {
  sleeps: inside(`${NOTE}; echo before; sleep 60`),
  // The engine stops what it finds running when it comes back, and this one answers that by ending well.
  yields: inside(`trap 'exit 0' TERM; ${NOTE}; echo before; while :; do sleep 0.05; done`),
  ends: inside(`${NOTE}; echo before; ${UNTIL_GO}; : > ended; exit 3`, { ok_exit_codes: { 3: "three" } }),
  short: inside(`${NOTE}; sleep 60`, { timeout: "1s" }),
  brief: inside("exit 9"),
  local: { run: ["echo", "here"] },
};

/** Like a socket of systemd: it takes what comes while its engine does not run, and hands it over when it does. */
async function socketBefore(target: string): Promise<{ readonly host: string; waiting(): number }> {
  const path = join(folder(), "socket");
  const waiting = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    waiting.add(client);
    client.on("error", () => undefined);
    client.once("close", () => waiting.delete(client));
    handOver(client);
  }).listen(path);

  function handOver(client: Socket): void {
    if (client.destroyed) return;
    const engine = connect({ path: target.replace(/^unix:\/\//, ""), allowHalfOpen: true });
    engine.once("error", () => setTimeout(handOver, 50, client));
    engine.once("connect", () => {
      waiting.delete(client);
      engine.once("close", () => client.destroy());
      client.once("close", () => engine.destroy());
      client.pipe(engine).pipe(client);
    });
  }
  atEnd(() => new Promise((done) => void server.close(done)));
  return { host: `unix://${path}`, waiting: () => waiting.size };
}

/** Waits until so many commands have begun. */
async function begun(on: Stage, many: number): Promise<void> {
  await poll(
    () => on.runs() === many,
    () => `${on.runs()} of ${many} began`,
  );
}

/** Calls what prints something, and waits until it is known to have been started: what it prints is passed on only then. */
async function started(on: Stage, tool: string): Promise<{ readonly outcome: Promise<Outcome> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const outcome = on.call(tool, { stdout: () => resolve() });
  await Promise.race([promise, outcome]);
  return { outcome };
}

async function expectWell(on: Stage): Promise<void> {
  expect(await on.call("brief")).toMatchObject({ kind: "failed", exitCode: 9, incomplete: false });
  await on.nothingLeft();
}

describe("an engine that is killed while calls run", () => {
  it("K6: comes back: what it stopped is unknown, what had ended by itself is told, and nothing is left", async () => {
    const on = await stage(own.host, COMMANDS);
    const calledAt = performance.now();
    const [sleeps, yields, ends] = await Promise.all(["sleeps", "yields", "ends"].map((tool) => started(on, tool)));
    const startMs = performance.now() - calledAt;
    await own.kill9();
    writeFileSync(join(on.folder, "go"), "");
    await marked(join(on.folder, "ended"));
    // When it began is known only so well, and so is when it ended.
    await sleep(startMs);
    expect(await on.call("local")).toMatchObject({ kind: "completed", exitCode: 0 });
    expect(await on.call("brief")).toMatchObject({ kind: "refused", code: "engine.down" });
    // Asked for in vain once more, by each of the three calls, so that it ended while the engine was away.
    const asked = on.proxy.met();
    await poll(
      () => on.proxy.met() > asked + 9,
      () => "nobody asks for it",
    );
    await own.restart();
    for (const outcome of await Promise.all([sleeps?.outcome, yields?.outcome])) {
      expect(outcome).toMatchObject({ kind: "unknown", exitCode: null, signal: null, incomplete: true });
      expect(outcome).toHaveProperty("why", expect.stringContaining("the container engine went away"));
      expect(outcome).toHaveProperty("shown.text", expect.stringContaining("before"));
    }
    expect(await ends?.outcome).toMatchObject({ kind: "completed", exitCode: 3, incomplete: true });
    expect(on.runs()).toBe(3);
    await expectWell(on);
  });

  it("K6: comes back, with nothing between it and us: what it stopped is unknown", async () => {
    const container = { engine: own.host };
    const on = await stage(own.host, {
      ...COMMANDS,
      yields: inside(`trap 'exit 0' TERM; ${NOTE}; while :; do sleep 0.05; done`, { container }),
      brief: inside("exit 9", { container }),
    });
    const yields = on.call("yields");
    await begun(on, 1);
    await own.kill9();
    expect(await on.call("brief")).toMatchObject({ kind: "refused", code: "engine.down" });
    await own.restart();
    expect(await yields).toMatchObject({ kind: "unknown", exitCode: null, signal: null, incomplete: true });
    expect(on.proxy.met()).toBe(0);
    await expectWell(on);
  });

  it("K6: comes back behind a socket that systemd keeps open meanwhile: what it stopped is unknown", async () => {
    const patient = await socketBefore(own.host);
    const on = await stage(own.host, {
      yields: inside(`trap 'exit 0' TERM; ${NOTE}; while :; do sleep 0.05; done`, {
        container: { engine: patient.host },
      }),
    });
    const yields = on.call("yields");
    await begun(on, 1);
    await own.kill9();
    await poll(
      () => patient.waiting() > 0,
      () => "nobody asks for it",
    );
    await own.restart();
    expect(await yields).toMatchObject({ kind: "unknown", exitCode: null, signal: null, incomplete: true });
    await on.nothingLeft();
  });

  it("K6: stays away: every call ends, the next ones are refused, and what is left goes when it is back", async () => {
    const on = await stage(own.host, COMMANDS);
    const sleeps = on.call("sleeps");
    const short = on.call("short");
    await begun(on, 2);
    await own.kill9();
    const refused = await Promise.all(Array.from({ length: 5 }, () => on.call("sleeps")));
    for (const outcome of refused) expect(outcome).toMatchObject({ kind: "refused", code: "engine.down" });
    for (const outcome of await Promise.all([sleeps, short])) {
      expect(outcome).toMatchObject({ kind: "unknown", exitCode: null, signal: null });
      expect(outcome).toHaveProperty("why", expect.stringContaining("engine"));
    }
    expect(on.runs()).toBe(2);
    await own.restart();
    await expectWell(on);
  });

  it("K1: whose socket is gone: a refusal that names it, and local commands go on", async () => {
    const on = await stage(own.host, COMMANDS);
    on.proxy.close();
    const outcome = await on.call("brief");
    expect(outcome).toMatchObject({ kind: "refused", code: "engine.down" });
    expect(outcome).toHaveProperty("problems.0", expect.stringContaining("is the engine started?"));
    expect(await on.call("local")).toMatchObject({ kind: "completed" });
  });
});
