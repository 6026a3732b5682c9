import { engineHost, podmanHost } from "../engines.ts";
import { engineOf, host } from "../rig.ts";
import { type Variant, contract } from "./contract.ts";
import { catalogueOf } from "./variants.ts";

contract(variant({ name: "container of Docker", engine: await engineHost(), missing: "", tellsMemory: true }));

const { host: podman, reason } = await podmanHost();
// Podman 4.3 has no word for a container that took too much memory.
contract(variant({ name: "container of Podman", engine: podman ?? "", missing: reason, tellsMemory: false }));

interface Engine {
  readonly name: string;
  readonly engine: string;
  readonly missing: string;
  readonly tellsMemory: boolean;
}

/** The same commands in a container of an image with the same programs, which sees their folder where it is. */
function variant({ name, engine, missing, tellsMemory }: Engine): Variant {
  return {
    name,
    missing,
    isDirect: true,
    promises: {
      killsAll: true,
      limits: { memory: "cgroup", cpu: "cgroup", processes: "cgroup", open_files: "rlimit", file_size: "rlimit" },
      tells: { memory: tellsMemory, processes: true },
    },
    engine: (commands, where) =>
      engineOf(catalogueOf(inContainers(commands)), {
        folder: where,
        host: { ...host, env: { ...host.env, DOCKER_HOST: engine } },
      }),
  };
}

function inContainers(commands: Readonly<Record<string, object>>): Readonly<Record<string, object>> {
  const container = { image: "mcpfier/tools:test", mounts: ["${{ workspace }}:${{ workspace }}"] };
  // The image sets none, which the plan could not know.
  const path = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  return Object.fromEntries(
    Object.entries(commands).map(([name, words]) => {
      const { env } = words as { readonly env?: object };
      return [name, { ...words, env: { ...path, ...env }, container }];
    }),
  );
}
