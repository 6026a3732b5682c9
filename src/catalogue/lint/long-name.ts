import { LONGEST, PREFIX } from "./cut.ts";
import { type LintRule, eachCommand } from "./rule.ts";

const MOST = LONGEST - PREFIX.length;

export const longName: LintRule = {
  id: "long-name",
  meaning: "a name that is longer than clients take with the server's name before it",
  reason: `Claude Code calls a tool \`${PREFIX}NAME\`, the interfaces of models take ${LONGEST} characters, and Cursor leaves out what has more than 60 with its server.`,
  check: eachCommand(({ draft, command: { name } }) =>
    name.length > MOST
      ? [
          {
            range: draft.at("name"),
            message: `the name has ${name.length} characters: with \`${PREFIX}\` before it, it is longer than the ${LONGEST} that clients take`,
            hint: `shorten it to ${MOST}`,
          },
        ]
      : [],
  ),
};
