import { afterAll } from "vitest";
import { contract } from "./contract.ts";
import { ownVariants, removeRooms } from "./variants.ts";

afterAll(removeRooms);

for (const variant of await ownVariants()) contract(variant);
