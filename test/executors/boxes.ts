// The contract's variants in containers.
import { engineOf, host } from "../rig.ts";
import type { Variant } from "./contract.ts";
import { catalogueOf } from "./variants.ts";

export interface Boxes {
  readonly name: string;
  readonly engine: string;
  readonly missing: string;
  readonly tellsMemory: boolean;
  /** Whether one stands and waits for each command when the engine is given. */
  readonly isWarm: boolean;
}

/** The same commands in a container of an image with the same programs, which sees their folder where it is. */
export function boxes({ name, engine, missing, tellsMemory, isWarm }: Boxes): Variant {
  return {
    name,
    missing,
    isDirect: true,
    promises: {
      killsAll: true,
      limits: { memory: "cgroup", cpu: "cgroup", processes: "cgroup", open_files: "rlimit", file_size: "rlimit" },
      tells: { memory: tellsMemory, processes: true },
    },
    engine: async (commands, where) => {
      const made = await engineOf(catalogueOf(inContainers(commands, isWarm)), {
        folder: where,
        host: { ...host, env: { ...host.env, DOCKER_HOST: engine } },
      });
      if (isWarm) await made.settleIn();
      return made;
    },
  };
}

function inContainers(commands: Readonly<Record<string, object>>, isWarm: boolean): Readonly<Record<string, object>> {
  const container = { image: "mcpfier/tools:test", mounts: ["${{ workspace }}:${{ workspace }}"] };
  // The image sets none, which the plan could not know.
  const path = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  return Object.fromEntries(
    Object.entries(commands).map(([name, words]) => {
      const { env } = words as { readonly env?: object };
      const warm = isWarm && !JSON.stringify(words).includes('"as":"file"') ? { warm: 1 } : {};
      return [name, { ...words, env: { ...path, ...env }, container: { ...container, ...warm } }];
    }),
  );
}
