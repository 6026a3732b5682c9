import type { Host } from "../base/host.ts";
import type { Ability } from "./ability.ts";

const found = new WeakMap<Host, Promise<Ability>>();

/** What a host can do; tried once. */
export function abilityOf(host: Host): Promise<Ability> {
  const known = found.get(host);
  if (known) return known;
  const ability = probe(host);
  found.set(host, ability);
  return ability;
}

function probe(_host: Host): Promise<Ability> {
  return Promise.resolve({
    containment: "group",
    wrapper: [],
    limits: { memory: null, cpu: null, processes: null, open_files: null, file_size: null },
  });
}
