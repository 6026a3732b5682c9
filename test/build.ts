import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The tests drive the bundle that is published, and leave nothing in anybody's caches. */
export function setup(): () => void {
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "inherit" });
  const caches = mkdtempSync(join(tmpdir(), "mcpfier-caches-"));
  process.env["XDG_CACHE_HOME"] = caches;
  process.env["XDG_STATE_HOME"] = join(caches, "state");
  process.env["NODE_COMPILE_CACHE"] = join(caches, "node");
  return () => rmSync(caches, { recursive: true, force: true });
}
