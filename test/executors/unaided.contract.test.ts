// The contract without a spawner, as on machines for which there is none: the server starts programs itself.
import { afterAll, afterEach, expect } from "vitest";
import { system } from "../../src/executors/system.ts";
import { contract } from "./contract.ts";
import { HIDDEN, hostFor, ownVariant, removeRooms } from "./variants.ts";

const { spawn } = system;
let refusals = 0;

/** As where its file may not be executed. */
function withoutSpawner(file: string, ...rest: readonly unknown[]): unknown {
  if (!/\/mcpfier-spawner-[^/]+$/.test(file)) return Reflect.apply(spawn, undefined, [file, ...rest]);
  refusals++;
  throw Object.assign(new Error("spawn EACCES"), { code: "EACCES" });
}

afterEach(() => void Object.assign(system, { spawn }));
afterAll(() => {
  removeRooms();
  expect(refusals).toBeGreaterThan(0);
});

for (const name of ["bwrap", "group"] as const) {
  const variant = await ownVariant(name, hostFor(HIDDEN[name]));
  contract({
    ...variant,
    name: `${variant.name} without a spawner`,
    engine: (...settings) => {
      Object.assign(system, { spawn: withoutSpawner });
      return variant.engine(...settings);
    },
  });
}
