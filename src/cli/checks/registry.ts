import { checkCatalogue } from "./catalogue.ts";
import type { Check } from "./check.ts";
import { checkContainers } from "./containers.ts";
import { checkIsolation } from "./isolation.ts";
import { checkLimits } from "./limits.ts";

/** Every check, in the order in which `mcpfier doctor` tells of them. */
export const checks: readonly Check[] = [checkCatalogue, checkIsolation, checkLimits, checkContainers];
