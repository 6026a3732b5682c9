import { clashAfterCut } from "./clash-after-cut.ts";
import { codeFromModel } from "./code-from-model.ts";
import { destructiveUnconfirmed } from "./destructive-unconfirmed.ts";
import { unknownIgnore, unusedIgnore } from "./ignores.ts";
import { inheritsAll } from "./inherits-all.ts";
import { longName } from "./long-name.ts";
import { needlessShell } from "./needless-shell.ts";
import { pathAsText } from "./path-as-text.ts";
import type { LintRule } from "./rule.ts";
import { secretInArgv } from "./secret-in-argv.ts";
import { tooManyTools } from "./too-many-tools.ts";
import { undescribedParameter } from "./undescribed-parameter.ts";
import { understatedEffect } from "./understated-effect.ts";
import { unmarkedSecret } from "./unmarked-secret.ts";
import { vagueDescription } from "./vague-description.ts";
import { widePath } from "./wide-path.ts";

/** Every rule of `mcpfier lint`; those of ignores are about what the others found. */
export const lintRules: readonly LintRule[] = [
  vagueDescription,
  undescribedParameter,
  needlessShell,
  secretInArgv,
  unmarkedSecret,
  destructiveUnconfirmed,
  understatedEffect,
  codeFromModel,
  pathAsText,
  widePath,
  inheritsAll,
  tooManyTools,
  longName,
  clashAfterCut,
  unknownIgnore(idsOf),
  unusedIgnore(idsOf),
];

function idsOf(): readonly string[] {
  return lintRules.map(({ id }) => id);
}
