import { afterAll } from "vitest";
import { contract } from "./contract.ts";
import { nobodyVariant, removeRooms } from "./variants.ts";

afterAll(removeRooms);

for (const containment of ["bwrap", "unshare", "group"] as const) contract(await nobodyVariant(containment));
