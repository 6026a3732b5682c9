import type { IncomingMessage } from "node:http";
import { unlessAborted } from "../base/abort.ts";
import { setDeadline } from "../base/deadline.ts";
import { plainText } from "../base/text.ts";
import { credentialsFor } from "./credentials.ts";
import type { Through } from "./docker.ts";
import { lostFault, strangeFault } from "./exchange.ts";
import { object, text } from "./facts.ts";
import { EngineFault } from "./fault.ts";
import type { Located } from "./locate.ts";
import { type PullReport, type TellPull, createPullReport } from "./pull-report.ts";

export type Pull = (image: string, tell: TellPull, signal: AbortSignal) => Promise<void>;

export interface PullBounds {
  /** Of a pull that says nothing. */
  readonly silentPullMs: number;
  /** In all. */
  readonly pullMs: number;
}

interface Shared {
  readonly report: PullReport;
  readonly end: Promise<void>;
  readonly stop: AbortController;
  waiters: number;
}

/** Pulls of one engine: an image is fetched once for all who ask meanwhile, until the last of them gives up. */
export function createPulls(located: Located, through: Through, bounds: PullBounds): Pull {
  const running = new Map<string, Shared>();

  function begin(image: string): Shared {
    const report = createPullReport(image);
    const stop = new AbortController();
    const end = fetchImage({ image, located, through, bounds }, report, stop);
    const shared = { report, end, stop, waiters: 0 };
    running.set(image, shared);
    end.catch(() => undefined).finally(() => forget(image, shared));
    return shared;
  }

  function forget(image: string, shared: Shared): void {
    if (running.get(image) === shared) running.delete(image);
  }

  return async (image, tell, signal) => {
    const shared = running.get(image) ?? begin(image);
    shared.waiters++;
    const silence = shared.report.listen(tell);
    try {
      await unlessAborted(shared.end, signal);
      if (signal.aborted) throw new EngineFault("slow", `the pull of ${image} was not waited for any longer`);
    } finally {
      silence();
      if (--shared.waiters === 0) {
        forget(image, shared);
        shared.stop.abort();
      }
    }
  };
}

interface Order {
  readonly image: string;
  readonly located: Located;
  readonly through: Through;
  readonly bounds: PullBounds;
}

async function fetchImage(order: Order, report: PullReport, stop: AbortController): Promise<void> {
  const { image, located, through, bounds } = order;
  const clock = createClock(order, stop);
  try {
    const key = await credentialsFor(image, located.host);
    const stream = (await through(
      bounds.pullMs,
      (docker) => docker.pull(image, key === null ? {} : { authconfig: { key } }),
      stop.signal,
    )) as IncomingMessage;
    await follow(stream, located.name, (line) => {
      clock.heard();
      report.take(line);
    });
  } catch (error) {
    throw clock.fault() ?? error;
  } finally {
    clock.stop();
    report.stop();
  }
}

interface Clock {
  heard(): void;
  /** Why it stopped the pull, if it did. */
  fault(): EngineFault | null;
  stop(): void;
}

function createClock({ image, bounds, located: { name } }: Order, stop: AbortController): Clock {
  let fault: EngineFault | null = null;

  function giveUp(why: string): void {
    fault ??= new EngineFault("slow", `the engine ${name} did not finish the pull of ${image}: ${why}`);
    stop.abort();
  }

  const silent = (): void => giveUp(`nothing came for ${bounds.silentPullMs / 1000} s`);
  const stopAll = setDeadline(bounds.pullMs, () => giveUp(`it took more than ${bounds.pullMs / 60_000} minutes`));
  let stopSilence = setDeadline(bounds.silentPullMs, silent);
  return {
    heard: () => {
      stopSilence();
      stopSilence = setDeadline(bounds.silentPullMs, silent);
    },
    fault: () => fault,
    stop: () => {
      stopAll();
      stopSilence();
    },
  };
}

const LINE_LENGTH = 1024 * 1024;

/** Reads JSON lines to their end; what went wrong stands in one of them, under the status 200. */
async function follow(stream: IncomingMessage, name: string, take: (line: unknown) => void): Promise<void> {
  let rest = "";
  try {
    for await (const chunk of stream.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_LENGTH) throw strangeFault(name);
      for (const line of lines) takeLine(line, name, take);
    }
  } catch (error) {
    throw error instanceof EngineFault ? error : lostFault(name);
  }
  if (!stream.complete) throw lostFault(name);
  takeLine(rest, name, take);
}

function takeLine(line: string, name: string, take: (line: unknown) => void): void {
  if (line.trim() === "") return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw strangeFault(name);
  }
  const error = text(object(value)["error"]) || text(object(object(value)["errorDetail"])["message"]);
  if (error !== "") throw new EngineFault("denied", `the engine ${name} said no: ${plainText(error).slice(0, 2000)}`);
  take(value);
}
