import { frailtyOf } from "../../setup/launch.ts";
import type { Check } from "./check.ts";

/** What runs here, and whether it stays where it is: clients are told of it by its path. */
export const checkVersions: Check = async ({ version, host }) => {
  const text = `mcpfier ${version}, Node.js ${process.versions.node}, ${host.platform} ${host.arch}`;
  const frailty = frailtyOf({ command: process.execPath, args: [process.argv[1] ?? ""], pass: [] });
  return [
    { status: "fine", name: "versions", text, mend: "" },
    ...(frailty === undefined
      ? []
      : [{ status: "warning" as const, name: "node", text: frailty, mend: "mcpfier setup, after each upgrade" }]),
  ];
};
