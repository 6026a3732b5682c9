import { launchOf } from "../../setup/launch.ts";
import { type Registration, registrationsOn, remembered } from "../../setup/registrations.ts";
import { USUAL_NAME } from "../registration-options.ts";
import { ailmentOf, mendOf } from "../registration-state.ts";
import type { Check, Finding } from "./check.ts";

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
  const none: Finding = { status: "fine", name: "clients", text: "no MCP client was found here", mend: "" };
  return here.length === 0 ? [none] : here.map(tell);
};

function tell(registration: Registration): Finding {
  const { client, name, file, state, reason, last } = registration;
  const command = mendOf(registration);
  const finding = (status: Finding["status"], text: string, mend: string): Finding => ({
    status,
    name: "clients",
    text: `${client.name}${name === USUAL_NAME ? "" : ` (${name})`}: ${text}`,
    mend,
  });
  if (state === "unknown") return finding("warning", reason, `${command} --print`);
  if (state === "by hand") return finding("fine", "its user registers servers in it by hand", `${command} --print`);
  if (state === "absent") return finding("fine", "not registered", command);
  if (state === "vanished") {
    const text = `it was registered in ${file}, and somebody took it out; a client that runs may write back what it knew before`;
    return finding("error", text, `quit ${client.name}, then ${command}`);
  }
  const ailment = ailmentOf(registration);
  if (ailment !== undefined) return finding("error", ailment, command);
  if (state === "outdated")
    return finding("warning", `${file} starts something else than this mcpfier with this catalogue`, command);
  return finding("fine", `registered in ${file}${last ? `; ${lastStart(last)}` : ""}`, "");
}

function lastStart({ at, tools }: NonNullable<Registration["last"]>): string {
  return `tried on ${at.slice(0, 10)}: ${tools} tools`;
}
