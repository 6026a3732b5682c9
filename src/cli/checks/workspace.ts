import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { shellLine } from "../../base/shell-line.ts";
import type { Check } from "./check.ts";
import { told } from "./told.ts";

/** Whether the folder that commands work in can be read. */
export const checkWorkspace: Check = async (_context, found) => {
  const folders = [...new Set(found?.loaded.catalogue?.commands.map(({ workspace }) => workspace))];
  const checked = folders.map(async (folder) => {
    const name = "workspace";
    const can = async (mode: number): Promise<boolean> =>
      access(folder, mode).then(
        () => true,
        () => false,
      );
    if (!(await can(constants.R_OK | constants.X_OK)))
      return {
        status: "error" as const,
        name,
        text: told`${folder} cannot be read`,
        mend: shellLine(["chmod", "u+rx", folder]),
      };
    const text = (await can(constants.W_OK)) ? told`${folder}` : told`${folder}, which cannot be written to`;
    return { status: "fine" as const, name, text, mend: "" };
  });
  return Promise.all(checked);
};
