import type { Command } from "../../command/command.ts";
import { again } from "./again.ts";
import { type Check, type Finding, PASSED_ON } from "./check.ts";
import { type Told, ours, told } from "./told.ts";

/** Whether the variables that the catalogue names are set, here and where a desktop application starts the server. */
export const checkEnvironment: Check = async (context, found) => {
  const { host } = context;
  const { catalogue, facts = [], problems = [] } = found?.loaded ?? {};
  const commands = catalogue?.commands ?? [];
  const filled = facts.filter(({ question }) => question === "env").flatMap(({ args }) => args);
  const inherited = commands.flatMap(({ env }) => (env.inherit === "all" ? [] : env.inherit));
  const named = [...new Set([...filled, ...inherited.filter((name) => !name.includes("*"))])].toSorted();
  const isSet = (name: string): boolean => (host.env[name] ?? "") !== "";
  const lacking = problems.filter(({ rule }) => rule === "unset-variable");
  const faulted = new Set(
    [...lacking.map(({ message }) => message), ...commands.flatMap((each) => each.unset)].flatMap((text) =>
      text.split(/\W+/),
    ),
  );
  const unset = named.filter((name) => !isSet(name) && !faulted.has(name));
  const kept = named.filter((name) => isSet(name) && !PASSED_ON.has(name));
  return [
    ...lacking.map(({ severity, message, hint }) =>
      finding(severity, told`${message}`, hint === "" ? "set it where mcpfier is started" : hint),
    ),
    ...commands.filter(({ unset: missing }) => missing.length > 0 && lacking.length === 0).map(refused),
    ...(kept.length === 0
      ? []
      : [
          finding(
            "warning",
            told`desktop applications do not pass on ${kept.join(", ")}`,
            again(context, "setup", ...kept.flatMap((name) => ["--pass", name])),
          ),
        ]),
    ...(unset.length === 0 ? [] : [finding("fine", told`named and not set here: ${unset.join(", ")}`, "")]),
  ];
};

function refused({ name, unset }: Command): Finding {
  return finding(
    "warning",
    told`calls of ${ours(name)} are refused: ${unset.join(", ")} is not set`,
    "set it where mcpfier is started",
  );
}

function finding(status: Finding["status"], text: Told, mend: string): Finding {
  return { status, name: "environment", text, mend };
}
