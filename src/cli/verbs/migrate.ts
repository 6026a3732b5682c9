import type { Verb } from "../verb.ts";

export const migrate: Verb = {
  name: "migrate",
  summary: "print a catalogue of the original MCPFier in today's spelling, after a check that it means the same here",
  example: "mcpfier migrate config.yaml --write",
  declare: (parser) => {
    parser.argument("[file]", "the catalogue; default: the one that would be served");
    parser.option("--write", "replace the file, and keep the old one beside it as FILE.bak");
    parser.option("--check", "print nothing, and exit with 1 when there is something to migrate");
  },
  // It brings the reader of catalogues, which a start with an unchanged one does without.
  run: async (context, [named], options) => (await import("../migration.ts")).migrateFile(context, named, options),
};
