import { join } from "node:path";
import { type Problem, isError } from "../../src/base/problem.ts";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { lintCatalogue } from "../../src/catalogue/lint.ts";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { type Draft } from "../../src/init/draft.ts";
import { isRefused } from "../../src/init/importer.ts";
import { settle } from "../../src/init/settle.ts";
import { draftFrom } from "../../src/init/source.ts";
import { host } from "../rig.ts";

export interface MadeHere {
  readonly text: string;
  readonly draft: Draft;
  readonly catalogue: Catalogue;
  /** Without those about programs that this machine does not have. */
  readonly problems: readonly Problem[];
}

/** What `mcpfier init --from` makes of a source in a folder, or why it makes nothing. */
export async function madeFrom(source: string, cwd: string): Promise<MadeHere | string> {
  const draft = await draftFrom({ source, cwd, folder: cwd }, { reserved: RESERVED, path: host.path });
  if (isRefused(draft)) return draft.refused;
  const file = join(cwd, "mcpfier.yaml");
  const check = async (text: string): Promise<readonly Problem[]> =>
    (await loadCatalogue(file, { host, reserved: RESERVED, text })).problems.filter(isError);
  const settled = await settle(draft, ["# a test"], check);
  const { catalogue, problems } = await lintCatalogue(file, { host, reserved: RESERVED, text: settled.text });
  if (!catalogue) throw new Error(`what was made does not load: ${JSON.stringify(problems)}\n${settled.text}`);
  const own = problems.filter(({ rule }) => rule !== "program-missing");
  return { text: settled.text, draft: settled.draft, catalogue, problems: own };
}

export async function reallyMade(source: string, cwd: string): Promise<MadeHere> {
  const made = await madeFrom(source, cwd);
  if (typeof made === "string") throw new Error(`nothing was made: ${made}`);
  return made;
}
