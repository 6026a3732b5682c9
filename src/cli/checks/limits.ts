import type { Ability, LimitName } from "../../executors/ability.ts";
import { abilityOf } from "../../executors/probe.ts";
import type { Context } from "../verb.ts";
import type { Finding } from "./check.ts";

const GROUPS =
  "run mcpfier as root, or where cgroups are delegated to your user, for instance in a `systemd-run --user --scope -p Delegate=yes`";

/** Which limits this host can enforce, and by what. */
export async function checkLimits({ host }: Context): Promise<readonly Finding[]> {
  const ability = await abilityOf(host);
  return (Object.keys(ability.limits) as LimitName[]).map((name) => ({
    name: `limits.${name}`,
    ...tell(name, ability),
  }));
}

function tell(name: LimitName, { limits }: Ability): Omit<Finding, "name"> {
  const by = limits[name];
  if (by === null) return { status: "warning", text: "cannot be enforced", mend: GROUPS };
  if (by === "cgroup") return { status: "fine", text: "for all processes of a call together, by a cgroup", mend: "" };
  if (name === "memory")
    return { status: "warning", text: "for each process by itself, as address space, by an rlimit", mend: GROUPS };
  const of =
    name === "processes" ? "for the call, by an rlimit in its user namespace" : "for each process, by an rlimit";
  return { status: "fine", text: of, mend: "" };
}
