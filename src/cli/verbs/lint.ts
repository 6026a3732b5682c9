import type { Loaded } from "../../catalogue/load.ts";
import { declareFindings, tellFindings } from "../findings.ts";
import { loadWithAdvice } from "../open.ts";
import type { Verb } from "../verb.ts";

export const lint: Verb = {
  name: "lint",
  summary: "advise on what is valid and could be better: descriptions, secrets, effects, names",
  example: "mcpfier lint --format sarif",
  declare: (parser) => declareFindings(parser, "warning"),
  run: async (context, words, options) => {
    // With the whole reader of catalogues, which other starts often do without.
    const { lintRules } = await import("../../catalogue/lint/registry.ts");
    const rules = Object.fromEntries(lintRules.map(({ id, meaning }) => [id, meaning]));
    const read = async (file: string): Promise<Loaded> => {
      const loaded = await loadWithAdvice(context, file);
      // Which programs are installed is no matter of the catalogue; `validate` and `doctor` tell.
      return { ...loaded, problems: loaded.problems.filter(({ rule }) => rule !== "program-missing") };
    };
    return tellFindings(context, words, options, read, rules);
  },
};
