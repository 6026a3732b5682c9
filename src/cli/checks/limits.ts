import type { Ability, LimitName } from "../../executors/ability.ts";
import { abilityOf } from "../../executors/probe.ts";
import type { Context } from "../verb.ts";
import type { Finding } from "./check.ts";
import { told } from "./told.ts";

const GROUPS =
  "run mcpfier as root, or where cgroups are delegated to your user, for instance in a `systemd-run --user --scope -p Delegate=yes`";

/** Which limits this host can enforce, and by what. */
export async function checkLimits({ host }: Context): Promise<readonly Finding[]> {
  const ability = await abilityOf(host);
  return (Object.keys(ability.limits) as LimitName[]).map((name) => tell(name, ability));
}

function tell(limit: LimitName, { limits }: Ability): Finding {
  const by = limits[limit];
  const name = `limits.${limit}`;
  if (by === null) return { status: "warning", name, text: told`cannot be enforced`, mend: GROUPS };
  if (by === "cgroup")
    return { status: "fine", name, text: told`for all processes of a call together, by a cgroup`, mend: "" };
  if (limit === "memory")
    return {
      status: "warning",
      name,
      text: told`for each process by itself, as address space, by an rlimit`,
      mend: GROUPS,
    };
  const text =
    limit === "processes"
      ? told`for the call, by an rlimit in its user namespace`
      : told`for each process, by an rlimit`;
  return { status: "fine", name, text, mend: "" };
}
