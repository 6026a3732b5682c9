// The row of scripts/bench.ts that measures the package as it is installed.
import { globSync, lstatSync, mkdtempSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOM, type Row } from "./bench-tools.ts";
import { install, pack } from "./package.ts";

export const rows: readonly Row[] = [{ what: "the installed package: packages at run time, size", measure: installed }];

function installed(): Promise<string> {
  const room = mkdtempSync(join(ROOM, "package-"));
  const tarball = pack(room);
  const modules = join(install(tarball, join(room, "installed")), "..");
  const files = globSync("**", { cwd: modules }).filter((file) => lstatSync(join(modules, file)).isFile());
  const bytes = files.reduce((sum, file) => sum + statSync(join(modules, file)).size, 0);
  const packages = files.filter((file) => /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file));
  const fetched = (statSync(tarball).size / 1e6).toFixed(2);
  return Promise.resolve(
    `${packages.length} package, ${(bytes / 1e6).toFixed(1)} MB in ${files.length} files; ${fetched} MB to fetch`,
  );
}
