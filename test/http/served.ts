import type { ChildProcess } from "node:child_process";
import { type RunOptions, atEnd, collect, poll, start } from "../rig.ts";

export interface Served {
  readonly child: ChildProcess;
  /** Without a path; what stderr says where it does not serve. */
  readonly url: string;
  stderr(): string;
}

/** Starts mcpfier and waits until it says where it serves; it ends with the test. */
export async function served(args: readonly string[], options: RunOptions = {}): Promise<Served> {
  const child = start(args, options);
  const stderr = collect(child, "stderr");
  // It does not end with its stdin.
  child.stdin?.end();
  atEnd(() => child.kill("SIGTERM"));
  const place = /serving at (http:\S+)\/mcp\n/;
  await poll(() => place.test(stderr()) || child.exitCode !== null, stderr);
  return { child, url: place.exec(stderr())?.[1] ?? stderr(), stderr };
}
