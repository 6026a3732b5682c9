import type { Engine } from "./engine.ts";
import { missingRecord } from "./stores/find.ts";
import type { Records } from "./stores/records.ts";

/** Calls whose output and jobs are found again. An id is a few dozen bytes; records themselves are removed long before. */
const MOST = 10_000;

/**
 * The engine as one caller has it: what it calls is called for it, and of what calls printed and of the jobs it sees its own
 * only. Its view is its memory: another one of the same name knows nothing of this one's calls. A task outlasts it: whoever knows
 * its id, which cannot be guessed, makes it its own by asking for it.
 */
export function asCaller(engine: Engine, caller: string): Engine {
  const own = new Set<string>();

  function note(callId: string): void {
    own.add(callId);
    if (own.size <= MOST) return;
    const [oldest = ""] = own;
    own.delete(oldest);
  }

  return {
    ...engine,
    call: async (request) => {
      const outcome = await engine.call({
        ...request,
        caller,
        begun: (callId, ...told) => {
          note(callId);
          request.begun?.(callId, ...told);
        },
      });
      // What a call needs, and what it has from memory, was recorded under another id.
      if ("record" in outcome && outcome.record) note(outcome.record.id);
      return outcome;
    },
    jobs: {
      find: (id) => {
        const job = engine.jobs.find(id);
        if (job?.task) note(id);
        return own.has(id) ? job : undefined;
      },
      list: () => engine.jobs.list().filter(({ id }) => own.has(id)),
    },
    records: engine.records && ownRecords(engine.records, (id) => own.has(id)),
  };
}

function ownRecords(records: Records, isOwn: (id: string) => boolean): Records {
  return {
    ...records,
    newest: () => records.newest().filter(({ id }) => isOwn(id)),
    read: async (id, ...how) => {
      if (!isOwn(id)) throw missingRecord(id);
      return records.read(id, ...how);
    },
    grep: async (id, ...how) => {
      if (!isOwn(id)) throw missingRecord(id);
      return records.grep(id, ...how);
    },
  };
}
