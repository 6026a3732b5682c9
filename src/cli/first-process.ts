import type { Host } from "../base/host.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { abilityOf } from "../executors/probe.ts";

/**
 * Says of a catalogue why process 1 of a container cannot serve it; undefined: it can. The kernel hands process 1 what others
 * leave behind, and nothing of ours collects that; what a namespace holds ends inside of it.
 */
export async function firstProcess(host: Host): Promise<(catalogue: Catalogue) => string | undefined> {
  if (process.pid !== 1) return () => undefined;
  const { wrapper, containment } = await abilityOf(host);
  return ({ commands }) => {
    const open = wrapper.length > 0 ? commands.find(({ isolation }) => isolation === "group")?.name : "";
    if (open === undefined) return undefined;
    const why =
      open === "" ? `commands get no namespace here, only a ${containment}` : `${open} has \`isolation: group\``;
    return `mcpfier is process 1, and ${why}: nobody would collect the processes that commands leave; start the container with an init (\`docker run --init\`)`;
  };
}
