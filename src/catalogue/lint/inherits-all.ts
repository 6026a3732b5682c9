import { child, keyAt, valueAt } from "../node.ts";
import type { LintRule } from "./rule.ts";

export const inheritsAll: LintRule = {
  id: "inherits-all",
  meaning: '`inherit: all` or `["*"]`, which gives a program every variable of the environment',
  reason: "That are the tokens of every other tool, too. Name the variables that it needs; `AWS_*` is a name.",
  check: ({ files }) =>
    files.flatMap(({ source, root }) => {
      const commands = child(root, "commands");
      const places = [child(root, "defaults"), ...(commands?.kind === "sequence" ? commands.items : [])];
      return places.flatMap((node) => {
        const env = node && child(node, "env");
        const inherit = env && valueAt(env, "inherit");
        const isAll =
          inherit === "all" || (Array.isArray(inherit) && inherit.some((name) => /^\*+$/.test(String(name))));
        if (!env || !isAll) return [];
        const message = "the program gets every variable of the environment, with all secrets in it";
        return [
          {
            source,
            range: keyAt(env, "inherit"),
            message,
            hint: "name those that it needs: `inherit: [KUBECONFIG, AWS_*]`",
          },
        ];
      });
    }),
};
