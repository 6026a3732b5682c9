import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineOf, folder, load } from "../rig.ts";
import { initialize, modern, serveHere } from "./rig.ts";

const YAML = `
commands:
  - name: greet
    description: Says hello
    run: [echo, "hello \${{ name }}"]
    params: { name: { type: string, required: true } }
`;

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
