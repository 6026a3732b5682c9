import { systemFault } from "./system.ts";

/** What a server says to its spawner and hears from it, as bytes (native/spawner.c). Calls are told apart by numbers of the server's. */
export type Told =
  /** Its pipes are there: the numbers that the server's ends have in the spawner; `stdin` is null where none was asked for. */
  | {
      readonly kind: "pipes";
      readonly call: number;
      readonly stdin: number | null;
      readonly stdout: number;
      readonly stderr: number;
    }
  | { readonly kind: "started"; readonly call: number; readonly pid: number }
  /** It has not begun, and nothing is left of it; `errno` as errno(3) has it. */
  | { readonly kind: "refused"; readonly call: number; readonly errno: number }
  /** The program has ended, by itself where `signal` is 0. Its number stays its own until the spawner is told `done`. */
  | { readonly kind: "ended"; readonly call: number; readonly code: number; readonly signal: number };

const PIPES = 1;
const START = 2;
const DONE = 3;
const WORD = 4;
const TOLD = 5 * WORD;
/** More than Linux passes on (6 MiB, execve(2)), and less than a spawner takes for a fault. */
const MOST_BYTES = 8 * 1024 * 1024;

export function askPipes(call: number, hasInput: boolean): Buffer {
  return asked([PIPES, call, Number(hasInput)]);
}

/** Throws an error with the system's code for what no system would start. */
export function askStart(
  call: number,
  { argv, cwd, env }: { readonly argv: readonly string[]; readonly cwd: string; readonly env: readonly string[] },
): Buffer {
  const strings = [cwd, ...argv, ...env];
  // Behind one the rest would be other strings.
  if (strings.some((each) => each.includes("\0"))) throw systemFault("EINVAL");
  const text = `${strings.join("\0")}\0`;
  if (Buffer.byteLength(text) > MOST_BYTES) throw systemFault("E2BIG");
  return asked([START, call, argv.length, env.length], text);
}

export function askDone(call: number): Buffer {
  return asked([DONE, call]);
}

function asked(words: readonly number[], text = ""): Buffer {
  const head = (words.length + 1) * WORD;
  const bytes = Buffer.allocUnsafe(head + Buffer.byteLength(text));
  [bytes.length - WORD, ...words].forEach((word, at) => bytes.writeInt32LE(word, at * WORD));
  bytes.write(text, head);
  return bytes;
}

/** Gives what each chunk completes, wherever the chunks were cut. */
export function createHearing(): (chunk: Buffer) => readonly Told[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % TOLD);
    const all: Told[] = [];
    for (let at = 0; at < whole; at += TOLD) all.push(toldAt(bytes, at));
    rest = Buffer.from(bytes.subarray(whole));
    return all;
  };
}

function toldAt(bytes: Buffer, at: number): Told {
  const [kind = 0, call = 0, a = 0, b = 0, c = 0] = [0, 1, 2, 3, 4].map((word) => bytes.readInt32LE(at + word * WORD));
  if (kind === PIPES) return { kind: "pipes", call, stdin: a < 0 ? null : a, stdout: b, stderr: c };
  if (kind === START) return { kind: "started", call, pid: a };
  if (kind === DONE) return { kind: "refused", call, errno: a };
  return { kind: "ended", call, code: a, signal: b };
}
