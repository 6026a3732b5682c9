import module from "node:module";
import { InvalidArgumentError, Option } from "commander";
import type { Host } from "../../base/host.ts";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Kept } from "../../catalogue/kept.ts";
import { unsafeSettings } from "../../command/unsafe.ts";
import { hideInLog, log } from "../../base/log.ts";
import { parseDuration } from "../../base/units.ts";
import { type Engine, createEngine } from "../../engine.ts";
import { recordsFolder } from "../../stores/records.ts";
import { abilityOf } from "../../executors/probe.ts";
import { firstProcess } from "../first-process.ts";
import { followFiles } from "../follow.ts";
import { logToFile } from "../log-file.ts";
import { locate, openFile } from "../open.ts";
import { createRooted } from "../rooted.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

const IDLE_MS = 1000;

function readHold(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1000 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError("expected a duration of at least 1s, such as 50s");
}

export const serve: Verb = {
  name: "serve",
  summary: "serve the catalogue over MCP on stdin and stdout, or over HTTP",
  example: "mcpfier serve --config mcpfier.yaml",
  declare: (parser) => {
    parser
      .option("--http <address>", "over HTTP, at [host:]port of this machine")
      .option("--server", "over HTTP, where the catalogue's `server.http` says; default: 127.0.0.1:8080")
      .option("--allow-host <name...>", "over HTTP: what the header Host may say beside the address")
      .option("--allow-origin <origin...>", "over HTTP: pages of which origins may use the server")
      .option(
        "--hold <duration>",
        "over HTTP: close streams that last longer; clients of 2025-11-25 come back",
        readHold,
      )
      .addOption(new Option("--log-file <file>", "where the log goes instead of stderr").env("MCPFIER_LOG_FILE"));
  },
  run: async (context, _words, options) => {
    const isHttp = options["http"] !== undefined || options["server"] === true;
    if (context.stdin.isTTY && !isHttp) {
      context.stdout.write(
        `${context.help()}\nTo serve, an MCP client starts mcpfier with its own pipes: \`mcpfier setup\` registers it there.\n`,
      );
      return EXIT.fine;
    }
    const { logFile = "" } = options as { readonly logFile?: string };
    if (logFile !== "" && !logToFile(context, logFile)) return EXIT.config;
    const file = locate(context);
    if (file === undefined) return EXIT.config;
    // The protocol's library is the larger part of a start; it loads while the catalogue is read.
    const door = isHttp ? openHttp(context, options) : openStdio(context);
    const first = await openFile(context, file);
    if (!first) return EXIT.config;
    const faultOf = await firstProcess(context.host);
    const fault = faultOf(first.catalogue);
    if (fault !== undefined) {
      context.stderr.write(`mcpfier: ${fault}\n`);
      return EXIT.config;
    }
    warnUnsafe(context, first.catalogue);
    const rooted = createRooted(context, file, first);
    const engine = createEngine(first.catalogue, context.host, {
      records: recordsFolder(context.host),
      analytics: "apart",
      catalogueAt: rooted.at,
    });
    hideInLog(() => engine.catalogue().secrets);
    const stopFollowing = followFiles(context, {
      file,
      first,
      replace: (next) => {
        const needsAuth = isHttp && next.catalogue.settings.http.needsAuth;
        const newFault = faultOf(next.catalogue) ?? (needsAuth ? NO_AUTH.why : undefined);
        if (newFault !== undefined) return newFault;
        rooted.turnTo(next);
        engine.replace(next.catalogue);
        warnUnsafe(context, next.catalogue);
        return undefined;
      },
    });
    log.info({ file, commands: first.catalogue.commands.length }, "serving");
    const settling = setTimeout(() => void settleIn(engine, context.host), IDLE_MS).unref();
    const code = await (await door)(engine, first.kept);
    clearTimeout(settling);
    stopFollowing();
    return code;
  },
};

/** Serves an engine to its end, and gives the exit code. */
type Door = (engine: Engine, kept: Kept | undefined) => Promise<number>;

async function openStdio({ version }: Context): Promise<Door> {
  const stdio = await import("../../mcp/stdio.ts");
  return async (engine, kept) => {
    await stdio.serve(engine, version, kept);
    return EXIT.fine;
  };
}

async function openHttp({ stderr, version }: Context, options: Options): Promise<Door> {
  const http = await import("../../http/serve.ts");
  return async (engine) => {
    const { http: said, allowHost: hosts = [], allowOrigin: origins = [], hold } = options as HttpOptions;
    const limits = hold === undefined ? {} : { holdMs: hold };
    const { address, needsAuth } = engine.catalogue().settings.http;
    const wanted = said ?? address;
    const listening = (url: string): void => void stderr.write(`mcpfier: serving at ${url}/mcp\n`);
    const unserved = needsAuth
      ? NO_AUTH
      : await http.serve({ engine, version, wanted, hosts, origins, limits, listening });
    if (!unserved) return EXIT.fine;
    await engine.close();
    stderr.write(`mcpfier: ${unserved.why}\n`);
    return unserved.kind === "address" ? EXIT.config : EXIT.unavailable;
  };
}

const NO_AUTH = {
  kind: "address",
  why: "`server.http.auth` of the catalogue asks clients to prove who they are, which this version cannot do; to serve anybody on this machine, write `enabled: false` there",
} as const;

type Options = Readonly<Record<string, unknown>>;

interface HttpOptions {
  readonly http?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  /** Milliseconds. */
  readonly hold?: number;
}

/** A cached catalogue tells of its warnings no more, and this one must not go unseen. */
function warnUnsafe({ stderr }: Context, { commands }: Catalogue): void {
  commands.forEach(({ name, container }) => {
    if (!container?.allowUnsafe) return;
    const what = unsafeSettings(container)
      .map((each) => each.what)
      .join(", ");
    stderr.write(`mcpfier: warning: ${name} has \`allow_unsafe: true\`${what === "" ? "" : ` and ${what}`}\n`);
  });
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
