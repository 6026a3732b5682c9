import { shellLine } from "../../base/shell-line.ts";
import { countText, plural } from "../print.ts";
import type { Check } from "./check.ts";
import { ours, told } from "./told.ts";

/** Whether there is a catalogue that can be served. */
export const checkCatalogue: Check = async (_context, found) => {
  const name = "catalogue";
  if (!found) return [{ status: "warning", name, text: told`none found`, mend: "mcpfier init" }];
  const { catalogue, problems } = found.loaded;
  if (!catalogue)
    return [
      {
        status: "error",
        name,
        text: told`${found.file}: ${ours(countText(problems))}`,
        mend: shellLine(["mcpfier", "validate", found.file]),
      },
    ];
  const warnings = problems.filter(({ rule }) => rule !== "program-missing");
  const text = told`${found.file}: ${ours(plural(catalogue.commands.length, "command"))}`;
  if (warnings.length === 0) return [{ status: "fine", name, text, mend: "" }];
  return [
    {
      status: "warning",
      name,
      text: told`${text}, ${ours(countText(warnings))}`,
      mend: shellLine(["mcpfier", "validate", found.file]),
    },
  ];
};
