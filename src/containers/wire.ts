import type { Agent, IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { setDeadline } from "../base/deadline.ts";
import { plainText } from "../base/text.ts";
import { type Question, exchange, readText, slowFault, strangeFault } from "./exchange.ts";
import { object, parseJson, text } from "./facts.ts";
import { EngineFault } from "./fault.ts";
import type { Reach } from "./reach.ts";

/** HTTP to one engine. Everything rejects with an `EngineFault` only; what the engine denies is one. */
export interface Wire {
  /** The whole answer, within the deadline. */
  ask(question: Question): Promise<string>;
  /** The answer's head within the deadline; its body may take its time. */
  open(question: Question): Promise<IncomingMessage>;
  /** Makes the connection a stream of its own. */
  hijack(question: Question): Promise<Duplex>;
  close(): void;
}

const WORDS_LENGTH = 2000;
/** A connection that was not used for so long is not used again. */
const IDLE_MS = 15_000;

/** `isKept`: whether connections are used again, which pays where they take more than a system call. */
export function createWire(name: string, reach: Reach, isKept: boolean): Wire {
  const agent = agentOver(reach, isKept);
  let isClosed = false;

  /** What is no denial. */
  async function dial(question: Question): Promise<IncomingMessage | Duplex> {
    if (isClosed) throw new EngineFault("down", `the engine ${name} is not in use any more`);
    const began = performance.now();
    const answer = await exchange(name, agent, question);
    const status = isAnswer(answer) ? (answer.statusCode ?? 0) : 0;
    if (!isAnswer(answer) || status < 400) return answer;
    const words = messageIn(await readWhole(name, answer, question, began));
    throw new EngineFault("denied", `the engine ${name} said no: ${words} (HTTP ${status})`, status);
  }

  async function open(question: Question): Promise<IncomingMessage> {
    const answer = await dial(question);
    if (isAnswer(answer)) return answer;
    answer.destroy();
    throw strangeFault(name);
  }

  async function ask(question: Question): Promise<string> {
    const began = performance.now();
    return readWhole(name, await open(question), question, began);
  }

  async function hijack(question: Question): Promise<Duplex> {
    const answer = await dial({ ...question, headers: { Connection: "Upgrade", Upgrade: "tcp" } });
    // Engines of old do not say that they switch, and do.
    return isAnswer(answer) ? Duplex.from({ readable: answer, writable: answer.socket }) : answer;
  }

  function close(): void {
    isClosed = true;
    agent.destroy();
    reach.close();
  }
  return { ask, open, hijack, close };
}

function agentOver(reach: Reach, isKept: boolean): Agent {
  const { Agent: HttpAgent } = process.getBuiltinModule("node:http");
  const agent = new HttpAgent({ keepAlive: isKept, ...(isKept && { timeout: IDLE_MS }) });

  async function connect(done: (error: Error | null, socket: Duplex) => void): Promise<void> {
    let socket: Duplex;
    try {
      socket = await reach.connect();
    } catch (error) {
      done(error as Error, undefined as never);
      return;
    }
    done(null, socket);
  }

  agent.createConnection = (_options, done) => {
    if (done) void connect(done);
    return undefined;
  };
  return agent;
}

function isAnswer(answer: IncomingMessage | Duplex): answer is IncomingMessage {
  return "statusCode" in answer;
}

/** A body's text, within what is left of the question's deadline. */
async function readWhole(name: string, body: IncomingMessage, question: Question, began: number): Promise<string> {
  const { deadlineMs, signal } = question;
  let isLate = false;
  const stopClock = setDeadline(Math.max(0, began + deadlineMs - performance.now()), () => {
    isLate = true;
    body.destroy();
  });
  try {
    return await readText(name, body, signal);
  } catch (error) {
    throw isLate ? slowFault(name, deadlineMs) : error;
  } finally {
    stopClock();
  }
}

/** An engine's own words, which are JSON; a proxy in between answers in other ways. */
function messageIn(body: string): string {
  return plainText(text(object(parseJson(body))["message"]) || body)
    .trim()
    .slice(0, WORDS_LENGTH);
}
