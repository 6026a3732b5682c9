// A server whose catalogue changes while it runs: C22, SIGHUP, and what its clients are told.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rawHttp } from "../http/raw.ts";
import { atEnd, folder, poll } from "../rig.ts";
import { type Raw, raw } from "./raw.ts";

const tool = (name: string, text = name, more = ""): string =>
  `  - { name: ${name}, description: d, run: [echo, ${text}]${more} }\n`;
const write = (session: Session, text: string): void => writeFileSync(join(session.folder, "mcpfier.yaml"), text);
const announced = (session: Session): number =>
  session.messages().filter(({ method }) => method === "notifications/tools/list_changed").length;

/** Waits until stderr has said something so often. */
function says(session: Session, text: string, times = 1): Promise<void> {
  return poll(
    () => session.stderr().split(text).length > times,
    () => `stderr says no ${times} times ${JSON.stringify(text)}: ${session.stderr()}`,
  );
}

let id = 1000;
async function ask(session: Session, method: string): Promise<Readonly<Record<string, unknown>>> {
  id += 1;
  session.send({ id, method });
  return (await session.answer(id)).result ?? {};
}

async function listed(session: Session): Promise<readonly string[]> {
  const { tools } = await ask(session, "tools/list");
  return (tools as readonly { name: string }[]).map(({ name }) => name).filter((name) => !name.startsWith("mcpfier_"));
}

type Session = Pick<Raw, "folder" | "send" | "call" | "answer" | "messages" | "stderr" | "end">;

describe.each<[string, (yaml: string) => Promise<Session>, listeners: number]>([
  ["stdio", raw, 1],
  ["HTTP", rawHttp, 2],
])("C22: a reload while calls run, over %s", (_door, open, listeners) => {
  const CALLS = 64;
  const waiting = (answer: string): string => `  - name: wait
    description: d
    shell: sh
    run: 'echo > "began-$arg_n"; read -r line < gate; echo "${answer} $arg_n"'
    params: { n: { type: integer, required: true } }
`;

  test("C22: disturbs none of 64 of them, and half a file is never served", async () => {
    const session = await open(`concurrency: 48\ncommands:\n${waiting("old")}`);
    // A line lets one through; it waits for one that comes late.
    execFileSync("mkfifo", [join(session.folder, "gate")]);
    const gate = openSync(join(session.folder, "gate"), "r+");
    atEnd(() => closeSync(gate));
    for (let call = 1; call <= CALLS; call += 1) session.call(call, "wait", { n: call });
    const running = (): number => readdirSync(session.folder).filter((name) => name.startsWith("began-")).length;
    await poll(
      () => running() === 48,
      () => `${running()} calls began`,
    );
    write(session, `concurrency: 65\ncommands:\n${waiting("new").slice(0, -20)}`);
    await says(session, "the last good catalogue is still served");
    expect(await listed(session)).toEqual(["wait"]);
    expect(announced(session)).toBe(0);
    write(session, `concurrency: 65\ncommands:\n${tool("other")}`);
    await says(session, "the catalogue changed");
    // Those that waited for a place began now: with the definition that they were called by, for theirs is gone.
    await poll(
      () => running() === CALLS,
      () => `${running()} calls began`,
    );
    session.call(100, "wait", { n: 100 });
    session.call(101, "other", {});
    expect((await session.answer(100)).error?.message).toMatch(/"wait" was removed from the catalogue; list the tools/);
    expect((await session.answer(101)).result?.content?.[0]?.text).toBe("other\n");
    writeSync(gate, "\n".repeat(CALLS));
    for (let call = 1; call <= CALLS; call += 1) {
      const { result } = await session.answer(call);
      expect(result?.content?.[0]?.text).toBe(`old ${call}\n`);
    }
    await poll(
      () => announced(session) >= listeners,
      () => `announced ${announced(session)} times`,
    );
    expect(announced(session)).toBe(listeners);
    expect(await session.end()).toBe(0);
  });
});

describe("what clients are told", () => {
  test("is nothing of a change that the list of tools does not show", async () => {
    const session = await raw(`commands:\n${tool("a")}`);
    write(session, `commands:\n${tool("a", "new", ", timeout: 5s")}`);
    await says(session, "the catalogue changed");
    session.call(1, "a", {});
    expect((await session.answer(1)).result?.content?.[0]?.text).toBe("new\n");
    write(session, `commands:\n${tool("a", "new", ", timeout: 5s, title: Another")}`);
    await says(session, "the catalogue changed", 2);
    await ask(session, "ping");
    expect(announced(session)).toBe(1);
  });

  test("is a list for ten saves in a moment, and the last of them is what is served", async () => {
    const session = await raw(`commands:\n${tool("a")}`);
    for (let save = 1; save <= 10; save += 1) write(session, `commands:\n${tool(`save_${save}`)}`);
    await says(session, "the catalogue changed");
    await poll(
      () => announced(session) > 0,
      () => "nothing was announced",
    );
    // The machine may have paused between two of them.
    while (!(await listed(session)).includes("save_10")) await ask(session, "ping");
    expect(announced(session)).toBeLessThan(5);
  });
});

describe("SIGHUP", () => {
  test("reloads, also what no file tells, and the end of stdin ends the server still", async () => {
    const session = await raw(`commands:\n${tool("a")}${tool("b", "b", `, when: 'file("go.mod")'`)}`);
    session.child.kill("SIGHUP");
    await says(session, "the catalogue is as it was");
    writeFileSync(join(session.folder, "go.mod"), "");
    session.child.kill("SIGHUP");
    await says(session, "the catalogue changed; now 2 commands");
    expect(await listed(session)).toEqual(["a", "b"]);
    expect(announced(session)).toBe(1);
    write(session, "commands: [");
    await says(session, "the last good catalogue is still served");
    session.child.kill("SIGHUP");
    await says(session, "the last good catalogue is still served", 2);
    expect(await listed(session)).toEqual(["a", "b"]);
    expect(await session.end()).toBe(0);
  });
});

test("the problems of a changed catalogue are logged with their places, once", async () => {
  const session = await raw(`commands:\n${tool("a")}`, { "more.yaml": `commands:\n${tool("b")}` });
  write(session, `include: [more.yaml]\ncommands:\n${tool("a")}`);
  await says(session, "the catalogue changed");
  appendFileSync(join(session.folder, "more.yaml"), "  - { name: c, tiemout: 1s, run: [ls], description: d }\n");
  await says(session, "the last good catalogue is still served");
  write(session, `# looked at again\ninclude: [more.yaml]\ncommands:\n${tool("a")}`);
  session.child.kill("SIGHUP");
  await says(session, "the last good catalogue is still served", 2);
  const logged = session
    .stderr()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { readonly problems: readonly string[] });
  for (const { problems } of logged) {
    expect(problems).toEqual([
      expect.stringMatching(/more\.yaml:3:\d+: error\[unknown-key\]: .*tiemout.*; did you mean "timeout"\?/),
    ]);
  }
  expect(logged).toHaveLength(2);
});

test("a changed catalogue that was checked needs no check at the next start", async () => {
  const caches = folder();
  const session = await raw(`commands:\n${tool("a")}`, {}, { env: { XDG_CACHE_HOME: caches } });
  write(session, `commands:\n${tool("b", "the-new-one")}`);
  await says(session, "the catalogue changed");
  const kept = readdirSync(join(caches, "mcpfier"), { recursive: true, encoding: "utf8" })
    .map((name) => join(caches, "mcpfier", name))
    .filter((path) => path.includes("catalogue-") && existsSync(path))
    .map((path) => readFileSync(path, "utf8"));
  expect(kept).toEqual([expect.stringContaining("the-new-one")]);
});
