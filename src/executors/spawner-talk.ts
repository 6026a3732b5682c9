import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { constants } from "node:os";
import type { Child } from "./child.ts";
import { type Told, askDone, createHearing } from "./spawner-wire.ts";

export type SpawnerProcess = ChildProcess & { readonly pid: number; readonly stdin: Socket; readonly stdout: Socket };

/** What is said of one program. */
export interface Talk extends Pick<Child, "onExit"> {
  readonly number: number;
  /** Resolves with what is said next; null: the spawner has gone. */
  ask(bytes: Buffer): Promise<Told | null>;
  /** There is nothing more to say. */
  forget(): void;
  /** The same, and the spawner is told so. */
  done(): void;
}

export interface Talks {
  begin(): Talk;
  isOpen(): boolean;
  /** Resolves when the spawner has gone. */
  readonly ended: Promise<void>;
}

interface Listening {
  answer?: (told: Told | null) => void;
  readonly end: End;
}

export function talkTo(child: SpawnerProcess): Talks {
  const { stdin, stdout } = child;
  const talks = new Map<number, Listening>();
  const hearing = createHearing();
  let isOpen = true;
  let next = 0;
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      isOpen = false;
      for (const { answer, end } of talks.values()) {
        answer?.(null);
        end.tell(null, null);
      }
      resolve();
    });
  });
  for (const stream of [stdin, stdout]) stream.on("error", () => undefined);
  stdout.on("data", (chunk: Buffer) => hearing(chunk).forEach(hear));
  child.unref();
  stdout.unref();

  function hear(told: Told): void {
    const talk = talks.get(told.call);
    if (told.kind === "ended") talk?.end.tell(...endOf(told));
    else talk?.answer?.(told);
  }

  function begin(): Talk {
    const number = next++;
    const forget = (): void => {
      talks.delete(number);
      if (talks.size === 0) stdout.unref();
    };
    const done = (): void => {
      if (isOpen) stdin.write(askDone(number));
      forget();
    };
    const talk: Listening = { end: createEnd(done) };
    const ask = (bytes: Buffer): Promise<Told | null> =>
      new Promise((resolve) => {
        talk.answer = resolve;
        if (isOpen) stdin.write(bytes);
        else resolve(null);
      });
    if (talks.size === 0) stdout.ref();
    talks.set(number, talk);
    return { number, ask, forget, done, onExit: talk.end.onExit };
  }
  return { begin, isOpen: () => isOpen, ended };
}

interface End extends Pick<Child, "onExit"> {
  tell(exitCode: number | null, signal: NodeJS.Signals | null): void;
}

/** The end of a program, which may be known before anybody asks; `heard` once it has been told. */
function createEnd(heard: () => void): End {
  let end: Parameters<End["tell"]> | undefined;
  let told: End["tell"] | undefined;

  function settle(): void {
    if (!end || !told) return;
    told(...end);
    heard();
  }
  return {
    tell: (...now) => {
      end ??= now;
      settle();
    },
    onExit: (listener) => {
      told = listener;
      settle();
    },
  };
}

/** Of two names for one number Node takes the first. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** As Node tells it, but for a signal that it has no name for. */
function endOf({ code, signal }: Extract<Told, { kind: "ended" }>): Parameters<End["tell"]> {
  const name = SIGNALS.get(signal);
  if (name) return [null, name];
  return [signal === 0 ? code : 128 + signal, null];
}
