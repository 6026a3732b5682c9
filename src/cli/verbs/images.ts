import type { Verb } from "../verb.ts";

export const images: Verb = {
  name: "images",
  summary: "tell which container images the catalogue needs, and whether its engines have them",
  example: "mcpfier images --pull",
  declare: (parser) => {
    parser.option("--pull", "fetch those that are missing, and those with `pull: always`");
    parser.option("--json", "print them as JSON");
  },
  // It brings the client of engines, which no other start needs.
  run: async (context, _words, options) => (await import("../shelves.ts")).tellImages(context, options),
};
