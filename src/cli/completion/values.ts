import type { Candidate } from "./candidate.ts";

/** Values that only the verb's own parts know, by verb and option; each is loaded when it is asked for. */
const VALUES: Readonly<Record<string, () => Promise<readonly Candidate[]>>> = {
  "setup --client": async () => {
    const { clients } = await import("../../setup/registry.ts");
    return clients.map(({ id, name }) => ({ value: id, meaning: name }));
  },
  "init --template": async () => {
    const { readTemplates } = await import("../../init/templates.ts");
    return readTemplates().map(({ name, what }) => ({ value: name, meaning: what }));
  },
};

/** The values of an option; undefined where nobody knows them. Several stand with commas between them. */
export async function knownValues(
  verb: string,
  option: string,
  typed: string,
): Promise<readonly Candidate[] | undefined> {
  const before = typed.slice(0, typed.lastIndexOf(",") + 1);
  const taken = new Set(before.split(","));
  const all = await VALUES[`${verb} ${option}`]?.();
  return all
    ?.filter(({ value }) => !taken.has(value))
    .map(({ value, meaning }) => ({ value: `${before}${value}`, meaning }));
}
