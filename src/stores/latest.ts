import type { RecordFacts } from "./record.ts";
import type { LiveRecord } from "./recording.ts";

/** Records of this process that are known without a look at the disk: those that are being made, and the latest ended ones. */
export interface Latest {
  began(record: LiveRecord): void;
  /** Nothing more is written of it; without effect when it was forgotten. */
  ended(record: LiveRecord): void;
  /** It was removed from the disk. */
  removed(id: string): void;
  /** It is to be removed, for another attempt. */
  forget(id: string): void;
  find(id: string): LiveRecord | undefined;
  isLive(id: string): boolean;
  /** The newest first. */
  list(): readonly RecordFacts[];
}

const MOST = 100;

export function createLatest(): Latest {
  const live = new Map<string, LiveRecord>();
  const recent = new Map<string, RecordFacts>();

  function ended(record: LiveRecord): void {
    const facts = record.facts();
    // Another attempt may have taken its place.
    if (live.get(facts.id) !== record) return;
    live.delete(facts.id);
    recent.set(facts.id, facts);
    const [oldest = ""] = recent.keys();
    if (recent.size > MOST) recent.delete(oldest);
  }

  function forget(id: string): void {
    live.delete(id);
    recent.delete(id);
  }

  function find(id: string): LiveRecord | undefined {
    const facts = recent.get(id);
    return live.get(id) ?? (facts && { facts: () => facts, flush: () => Promise.resolve() });
  }

  function list(): readonly RecordFacts[] {
    const all = [...recent.values(), ...[...live.values()].map((record) => record.facts())];
    return all.toReversed().slice(0, MOST);
  }

  return {
    began: (record) => void live.set(record.facts().id, record),
    ended,
    removed: (id) => void recent.delete(id),
    forget,
    find,
    isLive: (id) => live.has(id),
    list,
  };
}
