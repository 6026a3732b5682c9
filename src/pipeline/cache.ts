import { createHash } from "node:crypto";
import { canonicalJson } from "../base/canonical.ts";
import { Refusal } from "../base/refusal.ts";
import { createShelf } from "../base/shelf.ts";
import type { Command } from "../command/command.ts";
import type { Call, Completed, Middleware, Next, Outcome } from "./call.ts";

const ROOM = { things: 256, bytes: 16 * 1024 ** 2 };

/**
 * Gives a result again, for as long as the command says, to the same caller and for the same arguments. Only what completed is
 * kept. Equal calls at the same time each run: to share one would tie their cancels together.
 */
export function createCache(): Middleware {
  const answers = createShelf<Completed>(ROOM);

  async function known(call: Call, next: Next, ms: number): Promise<Outcome> {
    const key = keyOf(call);
    const earlier = answers.take(key);
    if (earlier && (await isReadable(earlier, call))) return { ...earlier, callId: call.context.callId, cached: true };
    const outcome = await next(call);
    if (isWhole(outcome)) answers.put(key, outcome, { bytes: sizeOf(outcome), ms });
    return outcome;
  }

  return (call, next) => {
    const { cacheMs: ms } = call.command;
    return ms === null || call.dryRun || call.fresh ? next(call) : known(call, next, ms);
  };
}

/** A digest: arguments and definitions hold secrets. */
function keyOf({ command, context, values, caller }: Call): string {
  return digest(canonicalJson([digestOf(command), context.path, caller, Object.fromEntries(values)]));
}

const digests = new WeakMap<Command, string>();

function digestOf(command: Command): string {
  const known = digests.get(command) ?? digest(JSON.stringify(command));
  digests.set(command, known);
  return known;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/** A result that leaves something out says where to read it, and is good only as long as that is true. */
async function isReadable({ record, shown }: Completed, { records }: Call): Promise<boolean> {
  if (!record || shown.cut.length === 0) return true;
  try {
    await records?.read(record.id, "stdout", { offset: 0, length: 1 });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function isWhole(outcome: Outcome): outcome is Completed {
  return outcome.kind === "completed" && !outcome.incomplete && outcome.shown.fault === "" && !outcome.shown.isError;
}

function sizeOf({ stdout, stderr, shown }: Completed): number {
  const captures = [stdout.head, stdout.tail, stderr.head, stderr.tail];
  const { text, content, structured = null } = shown;
  return captures.reduce(
    (sum, each) => sum + each.length,
    Buffer.byteLength(JSON.stringify([text, content, structured])),
  );
}
