import { discover } from "../../catalogue/discover.ts";
import { load } from "../open.ts";
import { countText, plural } from "../print.ts";
import type { Context } from "../verb.ts";
import type { Finding } from "./check.ts";

/** Whether there is a catalogue that can be served. */
export async function checkCatalogue(context: Context): Promise<readonly Finding[]> {
  const name = "catalogue";
  const found = discover(context.global.config, context.host, context.cwd);
  if (!("file" in found)) return [{ status: "warning", name, text: "none found", mend: "name one with --config FILE" }];
  const { catalogue, problems } = await load(context, found.file);
  const text = `${found.file}: ${catalogue ? plural(catalogue.commands.length, "command") : countText(problems)}`;
  return [
    catalogue
      ? { status: "fine", name, text, mend: "" }
      : { status: "error", name, text, mend: `mcpfier validate ${found.file}` },
  ];
}
