import type { ContainmentName } from "../../executors/ability.ts";
import { abilityOf } from "../../executors/probe.ts";
import type { Context } from "../verb.ts";
import type { Finding } from "./check.ts";
import { told } from "./told.ts";

const INSTALL = "install bubblewrap (on Debian: apt-get install bubblewrap), and allow user namespaces";

const PROMISES: Readonly<Record<ContainmentName, Omit<Finding, "name">>> = {
  bwrap: {
    status: "fine",
    text: told`bwrap: each command has a process namespace of its own, and nothing of it outlives the call or the server`,
    mend: "",
  },
  unshare: {
    status: "fine",
    text: told`unshare: each command has a process namespace of its own, and nothing of it outlives the call or the server`,
    mend: "",
  },
  cgroup: {
    status: "warning",
    text: told`cgroup: nothing of a command outlives the call; what runs when the server is killed is removed by its next start`,
    mend: INSTALL,
  },
  group: {
    status: "warning",
    text: told`group: a process group, and a search by a variable of the environment; what leaves the group and clears its environment is missed`,
    mend: INSTALL,
  },
};

/** How the commands of this host are held together. */
export async function checkIsolation({ host }: Context): Promise<readonly Finding[]> {
  const { containment } = await abilityOf(host);
  return [{ name: "isolation", ...PROMISES[containment] }];
}
