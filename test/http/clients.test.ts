import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineOf, folder, load, poll } from "../rig.ts";
import { type Session, clients } from "./clients.ts";
import { initialize, modern, serveHere, watchedEngine } from "./rig.ts";

const YAML = `
commands:
  - name: greet
    description: Says hello
    run: [echo, "hello \${{ name }}"]
    params: { name: { type: string, required: true } }
  - name: slow
    description: Says that it has begun, and waits for a file
    shell: sh
    run: |
      echo "$arg_canary begun"
      until [ -e "$arg_file" ]; do sleep 0.02; done
      echo "$arg_canary done"
    params:
      canary: { type: string, required: true }
      file: { type: string, required: true }
  - name: much
    description: Prints more than is shown
    run: [seq, -f, "\${{ canary }} %g", "20"]
    params: { canary: { type: string, required: true, pattern: "[a-z0-9-]+" } }
    output: { max: 300B }
  - name: later
    description: Goes on as a job
    shell: sh
    run: until [ -e "$arg_file" ]; do sleep 0.02; done
    handoff: 10ms
    params: { file: { type: string, required: true } }
`;

describe.each(clients)("$name over HTTP", ({ open, hasSession }) => {
  it("lists, calls, follows and cancels", async () => {
    const { engine, outcomes } = await watchedEngine(YAML);
    const { url } = await serveHere(YAML, { engine });
    const session = await open(`${url}/mcp`);
    expect(await session.tools()).toEqual(expect.arrayContaining(["greet", "slow", "much", "later"]));
    const answer = await session.call("greet", { name: "Ada" });
    expect(answer.content).toEqual([{ type: "text", text: "hello Ada\n" }]);
    expect(await session.call("greet", {})).toMatchObject({ isError: true });
    const stop = new AbortController();
    const asked = session.call(
      "slow",
      { canary: "c", file: join(folder(), "never") },
      {
        signal: stop.signal,
        onprogress: ({ message = "" }) => message.includes("begun") && stop.abort(),
      },
    );
    await expect(asked).rejects.toThrow(/abort/i);
    await poll(
      () => outcomes.includes("cancelled"),
      () => outcomes.join(),
    );
    expect((await session.call("greet", { name: "Bob" })).isError).toBeUndefined();
  });

  it("hears nothing of what another client does at the same time", async () => {
    const { url } = await serveHere(YAML);
    const go = join(folder(), "go");
    const sessions = await Promise.all([open(`${url}/mcp`), open(url)]);
    const [ours, theirs] = await Promise.all(sessions.map((session) => visit(session, go)));
    if (!ours || !theirs) throw new Error("one is missing");
    for (const [mine, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      expect(mine.seen).toContain(`${mine.canary} begun`);
      expect(mine.seen).toContain(`${mine.canary} done`);
      expect(mine.seen).not.toContain(other.canary);
      expect(mine.records.length).toBeGreaterThan(0);
    }
    if (!hasSession) return;
    for (const [at, session] of sessions.entries()) {
      const [mine, other] = at === 0 ? [ours, theirs] : [theirs, ours];
      const listed = await session.records();
      for (const uri of mine.records) expect(await session.read(uri)).toContain(mine.canary);
      for (const uri of other.records) {
        expect(listed).not.toContain(uri);
        await expect(session.read(uri)).rejects.toThrow(/there is no record/);
        const call = uri.split("/")[3];
        expect(await session.call("mcpfier_read_output", { call })).toMatchObject({ isError: true });
      }
      expect(await session.call("mcpfier_job_wait", { job: other.job, seconds: 1 })).toMatchObject({ isError: true });
      expect(JSON.stringify(await session.call("mcpfier_job_wait", { job: mine.job, seconds: 10 }))).toContain(
        "completed",
      );
    }
  });

  async function visit(session: Session, go: string) {
    const canary = `canary-${randomUUID()}`;
    const seen: unknown[] = [];
    let begun = false;
    const slow = session.call(
      "slow",
      { canary, file: go },
      {
        onprogress: (progress) => {
          seen.push(progress);
          begun ||= JSON.stringify(progress).includes(`${canary} begun`);
        },
      },
    );
    await poll(
      () => begun,
      () => `no progress: ${JSON.stringify(seen)}`,
    );
    const job = (await session.call("later", { file: go }))._meta?.["mcpfier/call"]?.["id"];
    seen.push(await session.call("much", { canary }));
    const listed = await session.records();
    if (!existsSync(go)) writeFileSync(go, "");
    seen.push(await slow);
    return { canary, job, seen: JSON.stringify(seen), records: hasSession ? listed : [...listed] };
  }
});

describe("a change of the catalogue", () => {
  it("is told to who listens, in both eras", async () => {
    const engine = await engineOf(YAML);
    const { url } = await serveHere(YAML, { engine });
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const begun = await fetch(url, { method: "POST", headers, body: initialize() });
    const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
    const listen = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    const stop = new AbortController();
    const streams = await Promise.all([
      fetch(url, { headers: { ...headers, ...session }, signal: stop.signal }),
      fetch(url, { method: "POST", headers: listen.headers, body: listen.body, signal: stop.signal }),
    ]);
    const { catalogue } = await load(YAML.replace("name: greet", "name: greeting"));
    if (!catalogue) throw new Error("it does not load");
    engine.replace(catalogue);
    for (const { body } of streams) {
      let text = "";
      for await (const chunk of body ?? []) {
        text += Buffer.from(chunk).toString();
        if (text.includes("notifications/tools/list_changed")) break;
      }
      expect(text).toContain("notifications/tools/list_changed");
    }
    stop.abort();
  });
});

it("a resource that changes is told to who follows it, in both eras", async () => {
  const path = folder({ "notes.txt": "one" });
  const uri = "notes:///today";
  const yaml = `commands: []\nresources:\n  - { uri: "${uri}", name: notes, description: Notes, file: notes.txt }\n`;
  const engine = await engineOf(yaml, { folder: path });
  const { url } = await serveHere(yaml, { engine });
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const begun = await fetch(url, { method: "POST", headers, body: initialize() });
  const session = { ...headers, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
  const subscribe = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "resources/subscribe", params: { uri } });
  expect(await (await fetch(url, { method: "POST", headers: session, body: subscribe })).text()).toContain('"result"');
  const listen = modern(1, "subscriptions/listen", { notifications: { resourceSubscriptions: [uri] } });
  const stop = new AbortController();
  const streams = await Promise.all([
    fetch(url, { headers: session, signal: stop.signal }),
    fetch(url, { method: "POST", headers: listen.headers, body: listen.body, signal: stop.signal }),
  ]);
  let turn = 0;
  const timer = setInterval(() => writeFileSync(join(path, "notes.txt"), `turn ${turn++}`), 100);
  for (const { body } of streams) {
    let text = "";
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes("notifications/resources/updated")) break;
    }
    expect(text).toContain(uri);
  }
  clearInterval(timer);
  stop.abort();
});
