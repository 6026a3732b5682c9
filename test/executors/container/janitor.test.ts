import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Daemon, daemonAt } from "../../../src/containers/daemon.ts";
import { locate } from "../../../src/containers/locate.ts";
import { createJanitor } from "../../../src/executors/container/janitor.ts";
import { atEnd, folder, host, poll } from "../../rig.ts";

const ID = "0123456789abcdef";
const PAUSES = { firstMs: 1, longestMs: 5 };

/** What an authorisation plugin makes of an engine: one that says no to whatever it is asked. */
async function denying(status: () => number): Promise<{ readonly daemon: Daemon; asked(): number }> {
  let asked = 0;
  const path = join(folder(), "socket");
  const server = createServer((_: IncomingMessage, answer: ServerResponse) => {
    asked += 1;
    answer.writeHead(status(), { "Content-Type": "application/json" }).end('{"message":"denied by a plugin"}');
  }).listen(path);
  atEnd(() => new Promise((done) => void server.close(done)));
  const daemon = daemonAt(await locate(`unix://${path}`, host));
  atEnd(() => daemon.close());
  return { daemon, asked: () => asked };
}

it("a container that its engine never lets go is left after some denials", async () => {
  const janitor = createJanitor(PAUSES);
  const { daemon, asked } = await denying(() => 403);
  await janitor.remove(daemon, ID);
  expect(asked()).toBe(10);
  await janitor.close();
  expect(asked()).toBe(10);
});

it("one that is let go after some denials is waited for until then", async () => {
  const janitor = createJanitor(PAUSES);
  const { daemon, asked } = await denying(() => (asked() < 5 ? 403 : 204));
  await janitor.remove(daemon, ID);
  expect(asked()).toBe(5);
  await janitor.close();
});

it("an engine that does not answer holds up nobody, and is asked on", async () => {
  const janitor = createJanitor(PAUSES);
  const daemon = daemonAt(await locate(`unix://${join(folder(), "none")}`, host));
  atEnd(() => daemon.close());
  await janitor.remove(daemon, ID);
  let isAsked = false;
  const remove = daemon.remove;
  const watched = { ...daemon, remove: (id: string) => ((isAsked = true), remove(id)) };
  await janitor.remove(watched, ID);
  isAsked = false;
  await poll(
    () => isAsked,
    () => "it is not asked again",
  );
  await janitor.close();
});
