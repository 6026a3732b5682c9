import { checkCatalogue } from "./catalogue.ts";
import type { Check } from "./check.ts";
import { checkClients } from "./clients.ts";
import { checkContainers } from "./containers.ts";
import { checkEnvironment } from "./environment.ts";
import { checkHttp } from "./http.ts";
import { checkIsolation } from "./isolation.ts";
import { checkLimits } from "./limits.ts";
import { checkPrograms } from "./programs.ts";
import { checkSpawner } from "./spawner.ts";
import { checkVersions } from "./versions.ts";
import { whenRead } from "./when-read.ts";
import { checkWorkspace } from "./workspace.ts";

/** Every check, in the order in which `mcpfier doctor` tells of them. */
export const checks: readonly Check[] = [
  checkVersions,
  checkCatalogue,
  whenRead("programs", checkPrograms),
  checkEnvironment,
  whenRead("workspace", checkWorkspace),
  checkIsolation,
  checkLimits,
  checkSpawner,
  whenRead("containers", checkContainers),
  checkClients,
  whenRead("http", checkHttp),
];
