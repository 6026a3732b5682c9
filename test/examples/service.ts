// The service of examples/users, as a real process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { atEnd, collect, poll } from "../rig.ts";

export const SERVICE = resolve(import.meta.dirname, "../../examples/users/service.mjs");

export interface Service {
  readonly url: string;
  readonly port: string;
  /** What it was asked so far, a line for each request; the line may come later than its answer. */
  log(): readonly string[];
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts it, on any port where none is named, and waits until it listens; it ends with the test. */
export async function startUsers({ port = "0", database = ":memory:" } = {}): Promise<Service> {
  const child = spawn(process.execPath, [SERVICE, "--port", port, "--database", database]);
  const stdout = collect(child, "stdout");
  const stderr = collect(child, "stderr");
  async function stop(): Promise<number | null> {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    child.kill("SIGTERM");
    await exit;
    return child.exitCode;
  }
  atEnd(stop);
  await poll(
    () => /^listening on .*\n/.test(stdout()) || child.exitCode !== null,
    () => `the service does not listen: ${stderr()}`,
  );
  const [, url, found] = /^listening on (http:\/\/127\.0\.0\.1:(\d+))\n/.exec(stdout()) ?? [];
  if (url === undefined || found === undefined) throw new Error(`the service did not start: ${stderr()}`);
  return { url, port: found, stop, log: () => stdout().trimEnd().split("\n").slice(1) };
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a connection of its own. */
export async function ask(
  url: string,
  method: string,
  body?: string,
  headers: Readonly<Record<string, string>> = { "Content-Type": "application/json" },
): Promise<Got> {
  const asked = request(url, { method, agent: false, headers });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}
