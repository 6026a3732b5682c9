import { setLogLevel } from "../../base/log.ts";
import type { Command } from "../../command/command.ts";
import { discover } from "../../catalogue/discover.ts";
import { createCache } from "../../catalogue/cache.ts";
import { load } from "../open.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

/** What the scripts of `mcpfier completion` ask; it answers on stdout, says nothing else, and never fails. */
export const complete: Verb = {
  name: "__complete",
  summary: "tell what may stand at the cursor",
  example: "mcpfier __complete -- run ''",
  isHidden: true,
  declare: (parser) => {
    parser.argument("[words...]", "the words behind `mcpfier`, the one at the cursor last");
    parser.option("--empty", "the word at the cursor is empty, and not among the words");
  },
  run: async (context, words, options) => {
    setLogLevel("silent");
    try {
      const { offerFor } = await import("../completion/offer.ts");
      const { cut } = await import("../width.ts");
      const all = options["empty"] === true ? [...words, ""] : words;
      const commands = (given: ReadonlyMap<string, string>): Promise<readonly Command[]> => commandsOf(context, given);
      const { candidates, own } = await offerFor(all, { grammar: context.grammar(), commands });
      const lines = candidates.map(({ value, meaning }) => `${value}\t${cut(onOneLine(meaning), WIDEST)}`);
      // What would end a line or a field cannot be offered.
      const usable = lines.filter((line) => !/[\r\n\0]/.test(line));
      context.stdout.write([...usable, ...(own === null ? [] : [`:${own}`])].map((line) => `${line}\n`).join(""));
    } catch {
      // Who presses Tab wants no messages in the line.
    }
    return EXIT.fine;
  },
};

/** Columns of a meaning. */
const WIDEST = 80;

function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

async function commandsOf(context: Context, given: ReadonlyMap<string, string>): Promise<readonly Command[]> {
  const workspace = given.get("--workspace");
  // A login shell, which a catalogue may ask for its PATH, is not started for a Tab.
  const host = { ...context.host, env: { ...context.host.env, SHELL: "/bin/true" } };
  const global = { ...context.global, ...(workspace === undefined ? {} : { workspace }) };
  const found = discover(given.get("--config"), host, context.cwd);
  if (!("file" in found)) return [];
  const cache = createCache(host, context.build, { workspace });
  const known = cache.read(found.file);
  if (known) return known.catalogue.commands;
  const loaded = await load({ ...context, host, global }, found.file);
  cache.write(found.file, loaded);
  return loaded.catalogue?.commands ?? [];
}
