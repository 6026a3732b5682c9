import { analytics } from "./analytics.ts";
import { calls } from "./calls.ts";
import { containers } from "./containers.ts";
import { held } from "./held.ts";
import { installed } from "./installed.ts";
import { output } from "./output.ts";
import { peers } from "./peers.ts";
import type { Row } from "./row.ts";
import { scale } from "./scale.ts";
import { soak } from "./soak.ts";
import { starts } from "./starts.ts";

/** All of them, in the order of docs/performance.md. */
export const rows: readonly Row[] = [
  ...starts,
  ...scale,
  ...calls,
  ...held,
  ...output,
  ...containers,
  ...analytics,
  ...installed,
  ...peers,
  ...soak,
];
