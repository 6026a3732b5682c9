import { decode, plainText } from "../base/text.ts";
import type { Cleaner } from "../pipeline/cleaner.ts";
import type { Command } from "../command/command.ts";
import type { Sink } from "../base/sink.ts";
import type { Watcher } from "../pipeline/relay.ts";
import { type Reading, createGauge } from "./gauge.ts";
import { type Lines, createLine, createLines } from "./lines.ts";
import { type Report, createPercentReader } from "./report.ts";
import { settle } from "./wait.ts";

/** Nine a second, so that with the last one, which does not wait, there are ten at most. */
const INTERVAL_MS = 112;
const HEARTBEAT_MS = 5000;
const TURN_MS = 1000;
/** Both official client libraries drop progress that arrives in one chunk with the result (typescript-sdk#2580). */
const BEFORE_RESULT_MS = 15;
/** How long the result of a call waits for a client that does not read. */
const PATIENCE_MS = 250;
const LONGEST = 500;

export interface Progress {
  /** Tells of the call that it follows; never slows the program down. */
  follow(mode: Command["progress"]): Watcher;
  /** Sends what is still waiting, and leaves a client time to read it before the result. Nothing is sent afterwards. */
  end(): Promise<void>;
}

export interface Update extends Reading {
  readonly message: string;
}

/**
 * Tells how far a call is: at most ten times a second, the latest line wins, one message on its way at a time, and after
 * `heartbeatMs` of silence a sign of life. `send` resolves when the client's side has taken the message.
 */
export function createProgress(send: (update: Update) => Promise<void>, heartbeatMs = HEARTBEAT_MS): Progress {
  const gauge = createGauge();
  const streams: Lines[] = [];
  const latest = createLine();
  let percent: Report | null = null;
  let toldPercent: Report | null = null;
  let clean: Cleaner = plainText;
  let phase = { what: "waiting to start", since: performance.now() };

  function follow(mode: Command["progress"]): Watcher {
    return {
      stdout: sinkOf(createLines({ latest, reports: false }), mode),
      stderr: sinkOf(createLines({ latest, reports: true }), mode),
      doing: (what, since) => {
        phase = { what, since };
        pace.turn();
      },
      reading: (cleaner) => void (clean = cleaner),
      again: () => undefined,
    };
  }

  function sinkOf(lines: Lines, mode: Command["progress"]): Sink {
    const readPercent = mode === "percent" ? createPercentReader() : undefined;
    streams.push(lines);
    return (chunk) => {
      const isLine = lines.write(chunk);
      const found = readPercent?.(chunk) ?? null;
      if (found) percent = found;
      if (isLine || found) pace.tell();
    };
  }

  function update(isNews: boolean): Update {
    const line = isNews ? messageOf(latest.bytes(), clean) : "";
    const seconds = Math.round((performance.now() - phase.since) / 1000);
    const lines = streams.reduce((sum, each) => sum + each.count(), 0);
    return { ...gauge.next(lines, reportNow()), message: line === "" ? saidOf(phase.what, seconds) : line };
  }

  /** What the program reports in so many words counts more than what is read out of its text, and goes on from that. */
  function reportNow(): Report | null {
    const own = streams.reduce<Report | null>((found, each) => found ?? each.report(), null);
    if (!own) return (toldPercent = percent);
    if (!toldPercent) return own;
    const { value, total } = toldPercent;
    return { value: value + ((total - value) * own.value) / own.total, total };
  }

  const pace = createPace((isNews) => send(update(isNews)), heartbeatMs);
  return { follow, end: pace.end };
}

function saidOf(what: string, seconds: number): string {
  return seconds === 0 ? what : `${what} for ${seconds} s`;
}

/** At most 500 characters, none of them in two. */
function messageOf(line: Buffer, clean: Cleaner): string {
  const { text } = decode(line, { start: false, end: true });
  return clean(text)
    .trim()
    .slice(0, LONGEST)
    .replace(/[\uD800-\uDBFF]$/, "");
}

interface Pace {
  /** There is news; it is sent when its time has come. */
  tell(): void;
  /** Something else is done now: said at once, unless something was said within the last second. */
  turn(): void;
  end(): Promise<void>;
}

function createPace(send: (isNews: boolean) => Promise<void>, heartbeatMs: number): Pace {
  let isNews = false;
  let hasEnded = false;
  let sending: Promise<void> | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;
  let saidAt = performance.now();
  let arrivedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const heartbeat = setTimeout(beat, heartbeatMs);

  function tell(): void {
    isNews = true;
    if (sending || timer || hasEnded) return;
    const wait = begunAt + INTERVAL_MS - performance.now();
    if (wait > 0) timer = setTimeout(retry, wait);
    else transmit();
  }

  function retry(): void {
    timer = undefined;
    tell();
  }

  function turn(): void {
    if (performance.now() - saidAt >= TURN_MS) beat();
  }

  function beat(): void {
    if (hasEnded) return;
    if (sending) heartbeat.refresh();
    else transmit();
  }

  function transmit(): void {
    begunAt = performance.now();
    saidAt = begunAt;
    heartbeat.refresh();
    const message = send(isNews);
    isNews = false;
    sending = message.catch(() => undefined).finally(arrive);
  }

  function arrive(): void {
    sending = undefined;
    arrivedAt = performance.now();
    if (isNews) tell();
  }

  async function end(): Promise<void> {
    hasEnded = true;
    clearTimeout(timer);
    const deadline = performance.now() + PATIENCE_MS;
    await settle(sending, deadline);
    if (isNews && !sending) {
      transmit();
      await settle(sending, deadline);
    }
    clearTimeout(heartbeat);
    // The client does not read: what is on its way is given up, and the result follows it.
    if (sending) return;
    const rest = arrivedAt + BEFORE_RESULT_MS - performance.now();
    // Timers may be a millisecond early.
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest + 1));
  }

  return { tell, turn, end };
}
