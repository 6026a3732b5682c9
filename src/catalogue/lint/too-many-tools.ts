import type { LintRule } from "./rule.ts";

/** Windsurf takes no more of all servers together, and models choose badly long before. */
const MOST = 100;

export const tooManyTools: LintRule = {
  id: "too-many-tools",
  meaning: "more than 100 commands",
  reason:
    "Clients take 100 tools of all servers together and leave the others out, and models choose worse the more there are. Split the catalogue, or use `when`.",
  check: ({ read, commands }) => {
    const first = read.find(({ command }) => command === commands[MOST]);
    if (!first) return [];
    const { draft } = first;
    const message = `${commands.length} commands are more than the ${MOST} tools that some clients take`;
    return [
      {
        source: draft.source,
        range: draft.at("name"),
        message,
        hint: "make several catalogues of it, each for one purpose",
      },
    ];
  },
};
