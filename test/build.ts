import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, pack } from "../scripts/package.ts";

const ENGINE = "scripts/engine";

/** The tests drive what users install, and leave nothing in anybody's caches. */
export function setup(): () => void {
  const room = realpathSync(mkdtempSync(join(tmpdir(), "mcpfier-run-")));
  // Some tests are of another user.
  chmodSync(room, 0o755);
  const tarball = pack(room);
  process.env["MCPFIER_TEST_TARBALL"] = tarball;
  process.env["MCPFIER_TEST_PACKAGE"] = install(tarball, join(room, "installed"));
  const caches = join(room, "caches");
  process.env["XDG_CACHE_HOME"] = caches;
  process.env["XDG_STATE_HOME"] = join(caches, "state");
  process.env["NODE_COMPILE_CACHE"] = join(caches, "node");
  const stopEngines = findEngine();
  return () => {
    stopEngines();
    rmSync(room, { recursive: true, force: true });
  };
}

/**
 * An engine that answers gets the test images. Where none does, the first test that asks for one has it started in a folder
 * (see engines.ts), so that a run without containers starts none; whatever runs there ends with the tests.
 */
function findEngine(): () => void {
  const given = process.env["MCPFIER_TEST_ENGINES"];
  // Not below TMPDIR: the path of a socket is short.
  const engines = given ?? mkdtempSync("/tmp/mcpfier-engines-");
  process.env["MCPFIER_TEST_ENGINES"] = engines;
  const found = spawnSync(ENGINE, ["find"], { encoding: "utf8" });
  delete process.env["DOCKER_HOST"];
  if (found.status === 0) {
    process.env["DOCKER_HOST"] = found.stdout.trim().replace(/^DOCKER_HOST=/, "");
    execFileSync(ENGINE, ["images"], { stdio: "inherit" });
  }
  return () => {
    // Who gave the folder ends what is in it.
    if (given !== undefined) return;
    for (const name of readdirSync(engines)) execFileSync(ENGINE, ["down", join(engines, name)], { stdio: "pipe" });
    rmSync(engines, { recursive: true, force: true });
  };
}
