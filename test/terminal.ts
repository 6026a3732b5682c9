// A program on a pseudo-terminal, as a user sees it. Python makes the terminal: Node has none, and native addons are not wanted.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { atEnd, poll } from "./rig.ts";

export interface Terminal {
  type(keys: string): void;
  /** Everything that was written to the screen so far, with its sequences. */
  shown(): string;
  /** Waits until something was written behind what `shown` had at some time. */
  until(isThere: (shown: string) => boolean): Promise<void>;
  /** The exit code, 128 + the signal for one that a signal ended. */
  readonly ended: Promise<number | null>;
}

export interface TerminalOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
}

/** It is ended with the test. */
export function openTerminal(argv: readonly string[], { cwd, env, columns = 100 }: TerminalOptions = {}): Terminal {
  const words = [join(import.meta.dirname, "terminal.py"), String(columns), "40", ...argv];
  const base = { ...process.env, TERM: "xterm", NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
  const child = spawn("python3", words, { cwd, env: { ...base, ...env } });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  // Whoever has the terminal is told of its end, and what does not listen is killed with it.
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const shown = (): string => Buffer.concat(chunks).toString();
  return {
    type: (keys) => void child.stdin.write(keys),
    shown,
    until: (isThere) =>
      poll(
        () => isThere(shown()),
        () => `it is not on the screen: ${JSON.stringify(shown())}`,
      ),
    ended,
  };
}
