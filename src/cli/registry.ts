import type { Verb } from "./verb.ts";
import { analytics } from "./verbs/analytics.ts";
import { clients } from "./verbs/clients.ts";
import { complete } from "./verbs/complete.ts";
import { completion } from "./verbs/completion.ts";
import { doctor } from "./verbs/doctor.ts";
import { dryRun } from "./verbs/dry-run.ts";
import { explain } from "./verbs/explain.ts";
import { images } from "./verbs/images.ts";
import { init } from "./verbs/init.ts";
import { lint } from "./verbs/lint.ts";
import { list } from "./verbs/list.ts";
import { migrate } from "./verbs/migrate.ts";
import { run } from "./verbs/run.ts";
import { serve } from "./verbs/serve.ts";
import { setup } from "./verbs/setup.ts";
import { test } from "./verbs/test.ts";
import { validate } from "./verbs/validate.ts";

/** Every verb, in the order of `--help`. */
export const registry: readonly Verb[] = [
  serve,
  run,
  init,
  setup,
  clients,
  list,
  explain,
  validate,
  lint,
  dryRun,
  test,
  migrate,
  images,
  doctor,
  completion,
  analytics,
  complete,
];
