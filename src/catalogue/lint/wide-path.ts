import { keyAt } from "../node.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const widePath: LintRule = {
  id: "wide-path",
  meaning: "a path that may be anywhere on the machine, in the home folder or above it",
  reason: "There are keys, cookies and the configuration of every client. Name the folders that it is about.",
  check: eachCommand(({ draft, command }, { host }) => {
    const params = draft.nodeOf("params");
    if (!params) return [];
    return command.params.flatMap(({ name, path }) => {
      const root = path?.roots.find((each) => isWide(each, host.home));
      if (root === undefined) return [];
      const what =
        root === "/"
          ? "anywhere on this machine"
          : root === host.home
            ? "anywhere in your home folder"
            : `anywhere in ${root}, where home folders are`;
      return [
        {
          range: keyAt(params, name),
          message: `"${name}" may be ${what}`,
          hint: "name the folders in `within`, or begin with another `workspace`",
        },
      ];
    });
  }),
};

const HOMES = new Set(["/home", "/Users", "/root"]);

function isWide(root: string, home: string): boolean {
  return root === "/" || HOMES.has(root) || `${home}/`.startsWith(`${root}/`);
}
