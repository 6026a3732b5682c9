import { join } from "node:path";
import type { Host } from "./host.ts";

/** Where a user keeps what outlives a run, by the XDG base directory specification: records of calls, and what setup notes. */
export function stateFolder({ env, home }: Pick<Host, "env" | "home">): string {
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "mcpfier");
}
