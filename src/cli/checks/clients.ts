import type { Client } from "../../setup/client.ts";
import { launchOf } from "../../setup/launch.ts";
import { evidenceOf, placeOf } from "../../setup/place.ts";
import { planFor } from "../../setup/plan.ts";
import { clients } from "../../setup/registry.ts";
import type { Context } from "../verb.ts";
import type { Check, Finding, Found } from "./check.ts";

/** Whether the catalogue is registered in the clients that are here, as `mcpfier setup` would do it now. */
export const checkClients: Check = async (context, found) => {
  const here = clients.filter((client) => evidenceOf(client, context.host) !== undefined);
  const looks = await Promise.all(here.map((client) => look(client, context, found)));
  const none: Finding = { status: "fine", name: "clients", text: "no MCP client was found here", mend: "" };
  return here.length === 0 ? [none] : looks;
};

async function look(client: Client, { host, cwd, global }: Context, found: Found | null): Promise<Finding> {
  const finding = (status: Finding["status"], text: string, mend: string): Finding => ({
    status,
    name: "clients",
    text: `${client.name}: ${text}`,
    mend,
  });
  const place = placeOf(client, host);
  const command = `mcpfier setup --client ${client.id}`;
  if ("several" in place)
    return finding(
      "warning",
      `nobody can tell which of these it reads: ${place.several.join(", ")}`,
      "remove the others",
    );
  const launch = launchOf({
    where: host,
    cwd,
    node: process.execPath,
    program: process.argv[1] ?? "",
    catalogue: found?.file ?? "",
    workspace: global.workspace,
    pass: [],
  });
  const { action, reason, file } = await planFor(client, place, { name: "mcpfier", launch: found && launch });
  if (action === "manual") return finding("warning", reason, `${command} --print`);
  if (action === "create" || (!found && action === "unchanged")) return finding("fine", "not registered", command);
  if (action === "unchanged") return finding("fine", `registered in ${file}`, "");
  return action === "remove"
    ? finding("fine", `registered in ${file}, and there is no catalogue here to compare it with`, "")
    : finding("warning", `${file} starts something else than this mcpfier with this catalogue`, command);
}
