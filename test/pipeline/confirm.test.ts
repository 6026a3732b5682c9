import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { eventOf } from "../../src/pipeline/event.ts";
import type { Answer, Ask, Question } from "../../src/pipeline/question.ts";
import { engineOf, folder, host, load } from "../rig.ts";

const say = (name: string, more: string): string =>
  `  - { name: ${name}, description: d, shell: sh, run: 'echo ${name} >> log', ${more} }\n`;

const YAML = `
concurrency: 1
commands:
  - name: show
    description: Prints a file.
    effect: read
    run: [cat, --, "\${{ file }}"]
    params: { file: { type: path, exists: file, required: true } }
    confirm: Show \${{ file }}?
  - name: greet
    description: Greets.
    run: [echo, hello, "\${{ who }}", "\${{ flags }}"]
    params:
      who: { type: string, required: true, leading_dash: allow }
      pin: { type: string, secret: true, flag: --pin= }
      why: { type: string }
    env: { WHO: "\${{ who }}" }
    stdin: pin \${{ pin }}
    confirm: "Greet \${{ who }} with \${{ pin }}, because \${{ why }}?"
${say("plain", "")}${say("top", "needs: [middle, plain], confirm: Top?")}${say("middle", "needs: [bottom]")}
${say("bottom", "confirm: Bottom?")}${say("above", "needs: [top]")}
${say("often", "effect: read, retry: { attempts: 3, delay: 0s }, confirm: Often?").replace(">> log", ">> log; exit 1")}
  - { name: built, description: d, run: [./made], needs: [make], confirm: Run it? }
  - { name: make, description: d, shell: sh, run: 'printf "#!/bin/sh\\necho made\\n" > made; chmod +x made' }
  - { name: later, description: d, run: [appears], env: { PATH: "\${{ workspace }}/bin:/usr/bin:/bin" }, needs: [install], confirm: Later? }
  - { name: install, description: d, shell: sh, run: 'mkdir -p bin; printf "#!/bin/sh\\necho appeared\\n" > bin/appears; chmod +x bin/appears' }
  - { name: kept, description: d, effect: read, run: [date, +%N], cache: { ttl: 1h }, confirm: Kept? }
  - { name: slow, description: d, run: [echo, done], isolation: group, handoff: 700ms, confirm: Slow? }
`;

interface Stage {
  readonly engine: Engine;
  readonly path: string;
  readonly ran: () => readonly string[];
}

async function stage(confirmMs?: number): Promise<Stage> {
  const path = folder({ log: "", real: "the real one\n", other: "another\n" });
  symlinkSync("real", join(path, "link"));
  const engine = await engineOf(YAML, { folder: path, ...(confirmMs === undefined ? {} : { confirmMs }) });
  return { engine, path, ran: () => readFileSync(join(path, "log"), "utf8").split("\n").filter(Boolean) };
}

/** Gives an answer, and keeps what was asked. */
function asking(answer: Answer | (() => Answer)): { readonly ask: Ask; readonly asked: Question[] } {
  const asked: Question[] = [];
  const ask: Ask = (question) => {
    asked.push(question);
    return Promise.resolve(typeof answer === "string" ? answer : answer());
  };
  return { ask, asked };
}

const codeOf = (outcome: Outcome): string => (outcome.kind === "refused" ? outcome.code : outcome.kind);

describe("a command that wants to be confirmed", () => {
  test("runs after a yes, and is refused after everything else", async () => {
    const { engine } = await stage();
    const call = (confirm?: Ask): Promise<Outcome> =>
      engine.call({ tool: "show", arguments: { file: "link" }, confirm });
    expect(await call(asking("accepted").ask)).toMatchObject({
      kind: "completed",
      shown: { text: "the real one\n" },
    });
    expect(codeOf(await call(asking("declined").ask))).toBe("confirm.declined");
    expect(codeOf(await call(asking("unavailable").ask))).toBe("confirm.unavailable");
    expect(codeOf(await call(asking("asked").ask))).toBe("confirm.asked");
    const refused = await call();
    expect(refused).toMatchObject({ kind: "refused", code: "confirm.unavailable" });
    expect(JSON.stringify(refused)).toContain("`mcpfier run show --yes`");
    // A door that fails has heard no yes.
    expect(codeOf(await call(() => Promise.reject(new Error("broken"))))).toBe("internal.error");
  });

  test("is not asked about when its arguments are refused", async () => {
    const { engine } = await stage();
    const { ask, asked } = asking("accepted");
    const outcome = await engine.call({ tool: "show", arguments: { file: "missing" }, confirm: ask });
    expect(codeOf(outcome)).toBe("path.invalid");
    expect(asked).toEqual([]);
  });

  test("shows what would run, each value in its line and visible, without secrets", async () => {
    const { engine, path } = await stage();
    const { ask, asked } = asking("declined");
    const who = "you\n    folder: /safe\u202E";
    await engine.call({ tool: "greet", arguments: { who, pin: "s3cret-pin", why: "of\u200B that" }, confirm: ask });
    expect(asked[0]?.text.split("\n")).toEqual([
      String.raw`Greet "you\u{a}    folder: /safe\u{202e}" with "[redacted]", because "of\u{200b} that"?`.replace(
        '"[redacted]"',
        "[redacted]",
      ),
      "",
      "What greet would run:",
      "",
      String.raw`    echo hello $'you\n    folder: /safe\u202e' '--pin=[redacted]'`,
      expect.stringMatching(/^ {4}program: \/\S+\/echo$/),
      `    folder: ${path}`,
      String.raw`    variable: WHO=$'you\n    folder: /safe\u202e'`,
      "    stdin: 'pin [redacted]'",
    ]);
  });

  test("asks all the same where its text vanishes with what was not given", async () => {
    const { engine } = await stage();
    const { ask, asked } = asking("declined");
    expect(codeOf(await engine.call({ tool: "greet", arguments: { who: "you" }, confirm: ask }))).toBe(
      "confirm.declined",
    );
    expect(asked[0]?.text).toMatch(/^Run greet\?\n\nWhat greet would run:\n\n {4}echo hello you\n/);
  });

  test("says that a plan is too long to be shown, and asks about all of it", async () => {
    const { engine } = await stage();
    const { ask, asked } = asking("declined");
    for (const middle of ["a", "b"]) {
      const who = `${"x".repeat(2000)}${middle}${"y".repeat(2000)}`;
      await engine.call({ tool: "greet", arguments: { who }, confirm: ask });
    }
    const [one, other] = asked;
    expect(one?.text).toContain("characters left out ...] yyy");
    expect(one?.text).toContain("(Not all of it is shown. The answer counts for all of it.)");
    expect(one?.text.length).toBeLessThan(5000);
    expect(one?.text).toBe(other?.text);
    expect(one?.hash).not.toBe(other?.hash);
  });

  test("has the same hash for the same call, and another for other arguments and another caller", async () => {
    const { engine } = await stage();
    const { ask, asked } = asking("declined");
    const call = (who: string, caller: string, more = {}): Promise<Outcome> =>
      engine.call({ tool: "greet", arguments: { who, ...more }, caller, confirm: ask });
    for (const [who, caller] of [
      ["a", "x"],
      ["a", "x"],
      ["b", "x"],
      ["a", "y"],
    ] as const)
      await call(who, caller);
    await call("a", "x", { why: "nothing that runs has this" });
    const hashes = asked.map(({ hash }) => hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(4);
  });

  test("does not run when a link leads elsewhere than it did when it was asked", async () => {
    const { engine, path } = await stage();
    const { ask, asked } = asking(() => {
      rmSync(join(path, "link"));
      symlinkSync("other", join(path, "link"));
      return "accepted";
    });
    const outcome = await engine.call({ tool: "show", arguments: { file: "link" }, confirm: ask });
    expect(codeOf(outcome)).toBe("confirm.changed");
    expect(asked[0]?.text).toContain(join(path, "real"));
  });

  test("runs what was shown when the catalogue was replaced meanwhile", async () => {
    const { engine, path } = await stage();
    const { catalogue } = await load(YAML.replace("[cat, --", "[head, -n0, --"), { folder: folder() });
    const { ask } = asking(() => {
      if (catalogue) engine.replace(catalogue);
      return "accepted";
    });
    const call = { tool: "show", arguments: { file: join(path, "link") }, confirm: ask };
    expect(await engine.call(call)).toMatchObject({ kind: "completed", shown: { text: "the real one\n" } });
  });

  test("asks once for all that it needs, before the first of them runs", async () => {
    const { engine, ran } = await stage();
    const no = asking(() => {
      expect(ran()).toEqual([]);
      return "declined";
    });
    expect(codeOf(await engine.call({ tool: "above", arguments: {}, confirm: no.ask }))).toBe("confirm.declined");
    expect(ran()).toEqual([]);
    expect(no.asked).toHaveLength(1);
    const order = [...(no.asked[0]?.text.matchAll(/^(?:Top\?|Bottom\?|What .*)$/gm) ?? [])].map(([line]) => line);
    expect(order).toEqual([
      "Bottom?",
      "What bottom, which above needs, would run:",
      "Top?",
      "What top, which above needs, would run:",
      "What above needs runs before it, too: middle, plain",
    ]);
    const yes = asking("accepted");
    expect(codeOf(await engine.call({ tool: "above", arguments: {}, confirm: yes.ask }))).toBe("completed");
    expect(yes.asked).toHaveLength(1);
    expect(ran()).toEqual(["bottom", "middle", "plain", "top", "above"]);
  });

  test("is refused where only a command that is needed wants it, and nobody can be asked", async () => {
    const { engine, ran } = await stage();
    expect(codeOf(await engine.call({ tool: "middle", arguments: {} }))).toBe("confirm.unavailable");
    expect(ran()).toEqual([]);
  });

  test("may be built by what it needs", async () => {
    const { engine, path } = await stage();
    expect(existsSync(join(path, "made"))).toBe(false);
    const outcome = await engine.call({ tool: "built", arguments: {}, confirm: asking("accepted").ask });
    expect(outcome).toMatchObject({ kind: "completed", shown: { text: "made\n" } });
  });

  test("does not run a program that appeared after it was asked, and that nobody was shown", async () => {
    const { engine, path } = await stage();
    expect(codeOf(await engine.call({ tool: "later", arguments: {}, confirm: asking("accepted").ask }))).toBe(
      "confirm.changed",
    );
    expect(existsSync(join(path, "bin/appears"))).toBe(true);
    const { ask, asked } = asking("accepted");
    const outcome = await engine.call({ tool: "later", arguments: {}, confirm: ask });
    expect(outcome).toMatchObject({ kind: "completed", shown: { text: "appeared\n" } });
    expect(asked[0]?.text).toContain(`    program: ${path}/bin/appears`);
  });

  test("is asked about once for all its attempts, and each time for a result from memory", async () => {
    const { engine, ran } = await stage();
    const { ask, asked } = asking("accepted");
    expect(await engine.call({ tool: "often", arguments: {}, confirm: ask })).toMatchObject({ attempt: 3 });
    expect(ran()).toHaveLength(3);
    expect(asked).toHaveLength(1);
    await engine.call({ tool: "kept", arguments: {}, confirm: ask });
    expect(await engine.call({ tool: "kept", arguments: {}, confirm: ask })).toMatchObject({ cached: true });
    expect(asked).toHaveLength(3);
    expect(codeOf(await engine.call({ tool: "kept", arguments: {} }))).toBe("confirm.unavailable");
  });

  test("shows its question in a dry run, and asks nobody", async () => {
    const { engine } = await stage();
    const { ask, asked } = asking("accepted");
    const planned = await engine.call({
      tool: "greet",
      arguments: { who: "me", pin: "s3cret-pin", why: "so" },
      dryRun: true,
      confirm: ask,
    });
    expect(planned).toMatchObject({ kind: "planned", confirm: "Greet me with [redacted], because so?" });
    expect(asked).toEqual([]);
  });
});

test("A request and a container are shown by what decides about them, without credentials", async () => {
  const path = folder();
  const yaml = `
commands:
  - name: remove
    description: d
    webhook:
      url: "https://example.org/users/\${{ id }}"
      method: DELETE
      headers: { X-Why: "\${{ why }}" }
      auth: { type: bearer, token: "\${API_TOKEN}" }
      body: { id: "\${{ id }}" }
    params: { id: { type: string, required: true }, why: { type: string } }
    confirm: Remove \${{ id }}?
  - name: boxed
    description: d
    run: [ls, -l]
    container: { image: "alpine:3", mounts: [".:/work:ro"] }
    confirm: Look?
`;
  const env = { ...host.env, API_TOKEN: "tok-3n-of-the-service" };
  const engine = await engineOf(yaml, { folder: path, host: { ...host, env } });
  const { ask, asked } = asking("declined");
  await engine.call({ tool: "remove", arguments: { id: "a/b\u202E", why: "old tok-3n-of-the-service" }, confirm: ask });
  await engine.call({ tool: "boxed", arguments: {}, confirm: ask });
  const [request = [], box = []] = asked.map(({ text }) => text.split("\n"));
  expect(request).toEqual(
    expect.arrayContaining([
      String.raw`Remove "a/b\u{202e}"?`,
      "    DELETE https://example.org/users/a%2Fb%E2%80%AE",
      "    X-Why: 'old [redacted]'",
      "    Authorization: [redacted]",
      String.raw`    body: $'{"id":"a/b\u202e"}'`,
    ]),
  );
  expect(request.join("\n")).not.toContain("tok-3n");
  expect(box).toEqual(
    expect.arrayContaining([
      "    ls -l",
      "    container: alpine:3",
      `    mount: ${path}:/work:ro`,
      "    network: none",
    ]),
  );
});

test("A question that was declined is an ended call for the analytics, and one that is on its way is none", async () => {
  const { engine } = await stage();
  const origin = { command: engine.find("top"), caller: "local", secrets: [] };
  const eventFor = async (answer: Answer): Promise<ReturnType<typeof eventOf>> =>
    eventOf(await engine.call({ tool: "top", arguments: {}, confirm: asking(answer).ask }), origin);
  expect(await eventFor("declined")).toMatchObject({ outcome: "refused", reason: "confirm.declined", success: 0 });
  expect(await eventFor("asked")).toBeNull();
});

describe("while somebody is asked", () => {
  test("no slot is held, and each of two calls is asked about by itself", async () => {
    const { engine, path } = await stage();
    const both = Promise.withResolvers<void>();
    const asked: Question[] = [];
    const ask: Ask = async (question) => {
      asked.push(question);
      if (asked.length === 2) both.resolve();
      await both.promise;
      // `plain` runs while both wait, though one call runs at a time.
      expect(codeOf(await engine.call({ tool: "plain", arguments: {} }))).toBe("completed");
      return question.text.includes(join(path, "real")) ? "accepted" : "declined";
    };
    const call = (file: string): Promise<Outcome> => engine.call({ tool: "show", arguments: { file }, confirm: ask });
    const [one, other] = await Promise.all([call("link"), call("other")]);
    expect([codeOf(one), codeOf(other)]).toEqual(["completed", "confirm.declined"]);
  });

  test("a cancel ends the call and the question", async () => {
    const { engine, ran } = await stage();
    for (const tool of ["top", "middle"]) {
      const stop = new AbortController();
      let seen: AbortSignal | undefined;
      const ask: Ask = (_, signal) => {
        seen = signal;
        stop.abort();
        return new Promise(() => undefined);
      };
      const outcome = await engine.call({ tool, arguments: {}, signal: stop.signal, confirm: ask });
      expect(outcome.kind).toBe("cancelled");
      expect(seen?.aborted).toBe(true);
    }
    expect(ran()).toEqual([]);
  });

  test("a hundred questions may be open, 25 of one caller, and no more", async () => {
    const { engine } = await stage();
    const open = Promise.withResolvers<Answer>();
    const full = Promise.withResolvers<void>();
    let asked = 0;
    const ask: Ask = () => {
      if (++asked === 100) full.resolve();
      return open.promise;
    };
    const call = (caller: string, confirm: Ask): Promise<Outcome> =>
      engine.call({ tool: "bottom", arguments: {}, caller, confirm });
    const many = (caller: string): readonly Promise<Outcome>[] => Array.from({ length: 25 }, () => call(caller, ask));
    const calls = [...many("gone")];
    // One whose user never answers keeps nobody else from being asked.
    expect(await call("gone", ask)).toMatchObject({
      code: "queue.full",
      problems: [expect.stringContaining("25 calls of this client wait")],
    });
    expect(codeOf(await call("here", asking("declined").ask))).toBe("confirm.declined");
    calls.push(...["b", "c", "d"].flatMap(many));
    await full.promise;
    expect(codeOf(await call("here", ask))).toBe("queue.full");
    open.resolve("declined");
    expect(new Set((await Promise.all(calls)).map(codeOf))).toEqual(new Set(["confirm.declined"]));
    expect(codeOf(await call("gone", asking("declined").ask))).toBe("confirm.declined");
  });

  test("the end of the server ends it", async () => {
    const { engine, ran } = await stage();
    const isAsked = Promise.withResolvers<void>();
    const ask: Ask = () => {
      isAsked.resolve();
      return new Promise(() => undefined);
    };
    const outcome = engine.call({ tool: "top", arguments: {}, confirm: ask });
    await isAsked.promise;
    await engine.close();
    expect(codeOf(await outcome)).toBe("server.stopping");
    expect(ran()).toEqual([]);
  });

  test("its own time ends it, and a late yes counts no more", async () => {
    const { engine, ran } = await stage(50);
    let end: AbortSignal | undefined;
    const late = Promise.withResolvers<Answer>();
    const ask: Ask = (_, signal) => {
      end = signal;
      return late.promise;
    };
    const outcome = await engine.call({ tool: "bottom", arguments: {}, confirm: ask });
    expect(codeOf(outcome)).toBe("confirm.late");
    expect(end?.aborted).toBe(true);
    late.resolve("accepted");
    expect(codeOf(await engine.call({ tool: "plain", arguments: {} }))).toBe("completed");
    expect(ran()).toEqual(["plain"]);
  });

  test("the time until a call becomes a job stands still", async () => {
    const { engine } = await stage();
    const ask: Ask = async () => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      return "accepted";
    };
    const outcome = await engine.call({ tool: "slow", arguments: {}, takesHandoff: true, confirm: ask });
    expect(outcome).toMatchObject({ kind: "completed" });
  });
});
