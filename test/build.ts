import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENGINE = "scripts/engine";

/** The tests drive the bundle that is published, and leave nothing in anybody's caches. */
export function setup(): () => void {
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "inherit" });
  const caches = mkdtempSync(join(tmpdir(), "mcpfier-caches-"));
  process.env["XDG_CACHE_HOME"] = caches;
  process.env["XDG_STATE_HOME"] = join(caches, "state");
  process.env["NODE_COMPILE_CACHE"] = join(caches, "node");
  const stopEngines = findEngine();
  return () => {
    stopEngines();
    rmSync(caches, { recursive: true, force: true });
  };
}

/**
 * An engine that answers gets the test images. Where none does, the first test that asks for one has it started in a folder
 * (see engines.ts), so that a run without containers starts none; whatever runs there ends with the tests.
 */
function findEngine(): () => void {
  // Not below TMPDIR: the path of a socket is short.
  const engines = mkdtempSync("/tmp/mcpfier-engines-");
  process.env["MCPFIER_TEST_ENGINES"] = engines;
  try {
    process.env["DOCKER_HOST"] = hostIn(execFileSync(ENGINE, ["find"], { encoding: "utf8", stdio: "pipe" }));
    execFileSync(ENGINE, ["images"], { stdio: "inherit" });
  } catch {
    delete process.env["DOCKER_HOST"];
  }
  return () => {
    for (const name of readdirSync(engines)) execFileSync(ENGINE, ["down", join(engines, name)], { stdio: "pipe" });
    rmSync(engines, { recursive: true });
  };
}

/** What `scripts/engine` prints: `DOCKER_HOST=unix://...` */
function hostIn(line: string): string {
  return line.trim().replace(/^DOCKER_HOST=/, "");
}
