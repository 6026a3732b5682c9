import { log } from "../../base/log.ts";
import { watchCatalogue } from "../../catalogue/watch.ts";
import { createEngine } from "../../engine.ts";
import { complain, load, locate } from "../open.ts";
import { EXIT, type Verb } from "../verb.ts";

export const serve: Verb = {
  name: "serve",
  summary: "serve the catalogue over MCP on stdin and stdout",
  example: "mcpfier serve --config mcpfier.yaml",
  declare: () => undefined,
  run: async (context) => {
    if (context.stdin.isTTY) {
      context.stdout.write(
        `${context.help()}\nTo serve, an MCP client starts mcpfier with its own pipes; see "Registering in a client" in the README.\n`,
      );
      return EXIT.fine;
    }
    const file = locate(context);
    if (file === undefined) return EXIT.config;
    const loaded = await load(context, file);
    if (!loaded.catalogue) {
      complain(context, loaded);
      return EXIT.config;
    }
    const engine = createEngine(loaded.catalogue, context.host);
    const watching = watchCatalogue({
      first: loaded.catalogue,
      load: () => load(context, file),
      changed: (catalogue) => {
        engine.replace(catalogue);
        context.stderr.write(`mcpfier: the catalogue changed; ${catalogue.commands.length} commands are served\n`);
      },
      failed: (broken) => {
        complain(context, broken);
        context.stderr.write("mcpfier: the last good catalogue is still served\n");
      },
    });
    const stdio = await import("../../mcp/stdio.ts");
    log.info({ file, commands: loaded.catalogue.commands.length }, "serving");
    await stdio.serve(engine, context.version);
    watching.close();
    return EXIT.fine;
  },
};
