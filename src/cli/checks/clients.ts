import { launchOf } from "../../setup/launch.ts";
import { type Registration, registrationsOn, remembered } from "../../setup/registrations.ts";
import { USUAL_NAME } from "../registration-options.ts";
import { type Around, ailmentOf, mendOf } from "../registration-state.ts";
import type { Check, Finding } from "./check.ts";
import { type Told, ours, told } from "./told.ts";

/** Whether the catalogue is registered in the clients that are here as `mcpfier setup` would do it now, and starts from there. */
export const checkClients: Check = async ({ host, cwd, global }, found) => {
  const launch = found?.loaded.catalogue
    ? launchOf({
        where: host,
        cwd,
        node: process.execPath,
        program: process.argv[1] ?? "",
        catalogue: found.file,
        workspace: global.workspace,
        pass: [],
      })
    : null;
  const usual = await registrationsOn(host, { name: USUAL_NAME, launch }, null);
  // Under another name, or in a project, it may be of another catalogue.
  const all = [...usual, ...(await remembered(host, null, usual))];
  const here = all.filter(({ evidence, entry, state }) => evidence !== undefined || entry || state === "vanished");
  const none: Finding = { status: "fine", name: "clients", text: told`no MCP client was found here`, mend: "" };
  return here.length === 0
    ? [none]
    : here.map((each) => tell(each, { cwd, config: global.config, hasCatalogue: found !== null }));
};

function tell(registration: Registration, around: Around): Finding {
  const { client, name, file, state, reason, last } = registration;
  const command = mendOf(registration, around);
  const entry = mendOf(registration, around, "--print");
  const finding = (status: Finding["status"], text: Told, mend: string): Finding => ({
    status,
    name: "clients",
    text: told`${ours(client.name)}${name === USUAL_NAME ? "" : told` (${name})`}: ${text}`,
    mend,
  });
  if (state === "unknown") return finding("warning", told`${reason}`, entry);
  if (state === "by hand") return finding("fine", told`its user registers servers in it by hand`, entry);
  if (state === "absent") return finding("fine", told`not registered`, command);
  if (state === "vanished") {
    const text = told`it was registered in ${file}, and somebody took it out; a client that runs may write back what it knew before: quit ${ours(client.name)} first`;
    return finding("error", text, command);
  }
  const ailment = ailmentOf(registration);
  if (ailment !== undefined) return finding("error", told`${ailment}`, command);
  if (state === "outdated")
    return finding("warning", told`${file} starts something else than this mcpfier with this catalogue`, command);
  return finding(
    "fine",
    told`registered in ${file}${last?.tools == null ? "" : told`; ${lastStart(last.at, last.tools)}`}`,
    "",
  );
}

function lastStart(at: string, tools: number): Told {
  return told`tried on ${ours(at.slice(0, 10))}: ${tools} tools`;
}
