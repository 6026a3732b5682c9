import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeCgroups, removeCgroups } from "../../src/executors/cgroup.ts";
import { planCgroups } from "../../src/executors/cgroup-home.ts";
import { abilityOf } from "../../src/executors/probe.ts";
import { host } from "../rig.ts";

it("groups that a program made inside of its own go with it, the deepest first", async () => {
  const { cgroups } = await abilityOf(host);
  const plans = planCgroups(cgroups, { memory: null, cpu: null, processes: 100, whole: true }, "below");
  makeCgroups(plans);
  for (const { path } of plans) mkdirSync(join(path, "inner", "most"), { recursive: true });
  await removeCgroups(plans);
  expect(plans.filter(({ path }) => existsSync(path))).toEqual([]);
});
