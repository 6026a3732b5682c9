import { declareRegistration, registrationOf } from "../registration-options.ts";
import type { Verb } from "../verb.ts";

export const clients: Verb = {
  name: "clients",
  summary: "list the MCP clients of this machine, and whether the catalogue is registered in them",
  example: "mcpfier clients --json",
  declare: (parser) => {
    declareRegistration(parser);
    parser.option("--json", "print them as JSON");
  },
  run: async (context, _words, options) =>
    (await import("../client-table.ts")).tellClients(context, registrationOf(options), options["json"] === true),
};
