import { frailtyOf } from "../../setup/launch.ts";
import { again } from "./again.ts";
import type { Check } from "./check.ts";
import { ours, told } from "./told.ts";

/** What runs here, and whether it stays where it is: clients are told of it by its path. */
export const checkVersions: Check = async (context) => {
  const { version, host } = context;
  const text = told`mcpfier ${ours(version)}, Node.js ${ours(process.versions.node)}, ${ours(host.platform)} ${ours(host.arch)}`;
  const frailty = frailtyOf({ command: process.execPath, args: [process.argv[1] ?? ""], pass: [] });
  return [
    { status: "fine", name: "versions", text, mend: "" },
    ...(frailty === undefined
      ? []
      : [
          {
            status: "warning" as const,
            name: "node",
            text: told`${frailty}`,
            mend: `after each upgrade: ${again(context, "setup")}`,
          },
        ]),
  ];
};
