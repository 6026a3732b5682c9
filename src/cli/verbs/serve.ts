import module from "node:module";
import type { Host } from "../../base/host.ts";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { unsafeSettings } from "../../command/unsafe.ts";
import { log } from "../../base/log.ts";
import { type Engine, createEngine } from "../../engine.ts";
import { recordsFolder } from "../../stores/records.ts";
import { abilityOf } from "../../executors/probe.ts";
import { firstProcess } from "../first-process.ts";
import { followFiles } from "../follow.ts";
import { locate, openFile } from "../open.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

const IDLE_MS = 1000;

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
    // The protocol's library is the larger part of a start; it loads while the catalogue is read.
    const stdio = import("../../mcp/stdio.ts");
    const first = await openFile(context, file);
    if (!first) return EXIT.config;
    const faultOf = await firstProcess(context.host);
    const fault = faultOf(first.catalogue);
    if (fault !== undefined) {
      context.stderr.write(`mcpfier: ${fault}\n`);
      return EXIT.config;
    }
    warnUnsafe(context, first.catalogue);
    const engine = createEngine(first.catalogue, context.host, {
      records: recordsFolder(context.host),
      analytics: "apart",
    });
    const stopFollowing = followFiles(context, {
      file,
      first,
      replace: (next) => {
        const newFault = faultOf(next);
        if (newFault !== undefined) return newFault;
        engine.replace(next);
        warnUnsafe(context, next);
        return undefined;
      },
    });
    log.info({ file, commands: first.catalogue.commands.length }, "serving");
    const settling = setTimeout(() => void settleIn(engine, context.host), IDLE_MS).unref();
    await (await stdio).serve(engine, context.version);
    clearTimeout(settling);
    stopFollowing();
    return EXIT.fine;
  },
};

/** A cached catalogue tells of its warnings no more, and this one must not go unseen. */
function warnUnsafe({ stderr }: Context, { commands }: Catalogue): void {
  for (const { name, container } of commands) {
    if (!container?.allowUnsafe) continue;
    const what = unsafeSettings(container)
      .map((each) => each.what)
      .join(", ");
    stderr.write(`mcpfier: warning: ${name} has \`allow_unsafe: true\`${what === "" ? "" : ` and ${what}`}\n`);
  }
}

/** What a start does once the client has its first answers. */
async function settleIn(engine: Engine, host: Host): Promise<void> {
  // Clients end servers by a signal, which would leave nothing cached for the next start.
  module.flushCompileCache();
  try {
    const { containment, limits } = await abilityOf(host);
    log.info({ containment, limits }, "isolation");
    await engine.settleIn();
  } catch (error) {
    log.warn({ error }, "what an earlier server left could not be looked for");
  }
}
