import { execFileSync } from "node:child_process";

/** The tests drive the bundle that is published. */
export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "inherit" });
}
