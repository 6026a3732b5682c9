import { decode, plainText } from "../base/text.ts";
import type { Cleaner } from "../pipeline/cleaner.ts";
import type { Watcher } from "../pipeline/relay.ts";
import { createStderrLines } from "./stderr-lines.ts";
import { settle } from "./wait.ts";

/** Tells of what a command prints on stderr while its call runs. */
export interface StderrLog {
  /** One call; its id is asked for with each line. Never slows the program down. */
  follow(logger: string, callId: () => string): Watcher;
  /** Sends what is still waiting, as fast as the client reads. Nothing is sent afterwards. */
  end(): Promise<void>;
}

export interface Said {
  readonly logger: string;
  readonly data: {
    readonly text: string;
    readonly callId: string;
    /** How many lines were left out here; the text says so, too. */
    readonly leftOut?: number;
  };
}

/** Lines that wait to be sent; while there are so many, further ones are counted and left out. */
const MOST_WAITING = 500;
/** Messages that are sent at once, and how many a second after that. */
const BURST = 500;
const PER_SECOND = 100;
const REFILL_MS = 100;
/** How long the result of a call waits for a client that does not read. */
const PATIENCE_MS = 250;

/** `send` resolves when the client's side has taken the message; one is on its way at a time. */
export function createStderrLog(send: (said: Said) => Promise<void>): StderrLog {
  const queue = createQueue(send);
  const endings: (() => void)[] = [];

  function follow(logger: string, callId: () => string): Watcher {
    let clean: Cleaner = plainText;
    let leftOut = 0;
    const say = (text: string, more: object = {}): void =>
      queue.add({ logger, data: { text, ...more, callId: callId() } });

    function tellLeftOut(): void {
      if (leftOut === 0) return;
      say(leftOut === 1 ? "1 line was left out" : `${leftOut} lines were left out`, { leftOut });
      leftOut = 0;
    }

    function take(line: Buffer): void {
      const text = clean(decode(line, { start: false, end: true }).text).trimEnd();
      if (text === "") return;
      tellLeftOut();
      say(text);
    }

    const lines = createStderrLines({ hasRoom: queue.hasRoom, take, leaveOut: (count) => void (leftOut += count) });
    endings.push(() => {
      lines.end();
      tellLeftOut();
    });
    return {
      stdout: () => undefined,
      stderr: (chunk) => lines.write(chunk),
      doing: () => undefined,
      reading: (cleaner) => void (clean = cleaner),
      again: () => undefined,
    };
  }

  async function end(): Promise<void> {
    for (const each of endings) each();
    await queue.end();
  }

  return { follow, end };
}

interface Queue {
  hasRoom(): boolean;
  add(said: Said): void;
  end(): Promise<void>;
}

function createQueue(send: (said: Said) => Promise<void>): Queue {
  const waiting: Said[] = [];
  const allowance = createAllowance();
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isEnding = false;

  function flow(): void {
    if (sending || timer || waiting.length === 0) return;
    sending = sendAll().finally(() => {
      sending = undefined;
      if (waiting.length > 0) timer = setTimeout(goOn, REFILL_MS);
    });
  }

  function goOn(): void {
    clearTimeout(timer);
    timer = undefined;
    flow();
  }

  async function sendAll(): Promise<void> {
    for (let next = take(); next; next = take()) await send(next).catch(() => undefined);
  }

  function take(): Said | undefined {
    return waiting.length > 0 && (isEnding || allowance()) ? waiting.shift() : undefined;
  }

  async function end(): Promise<void> {
    isEnding = true;
    const deadline = performance.now() + PATIENCE_MS;
    goOn();
    await settle(sending, deadline);
    // What was being sent may have come to its end before it was known that nothing limits it any more.
    goOn();
    await settle(sending, deadline);
    waiting.length = 0;
  }

  return {
    hasRoom: () => waiting.length < MOST_WAITING && !isEnding,
    add: (said) => {
      waiting.push(said);
      flow();
    },
    end,
  };
}

/** Whether one more may be sent now. */
function createAllowance(): () => boolean {
  let left = BURST;
  let countedAt = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(BURST, left + ((now - countedAt) * PER_SECOND) / 1000);
    countedAt = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
