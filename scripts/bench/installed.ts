// The package as users install it.
import { globSync, lstatSync, mkdtempSync, statSync } from "node:fs";
import { join } from "node:path";
import { install, pack } from "../package.ts";
import type { Row, Told } from "./row.ts";
import { ROOM } from "./server.ts";
import { figure } from "./statistics.ts";

export const installed: readonly Row[] = [
  { id: "installed", what: "the installed package: packages at run time, size", floor: "—", measure: weigh },
];

const PACKAGE = /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+\/package\.json$/;

function weigh(): Promise<Told> {
  const room = mkdtempSync(join(ROOM, "package-"));
  const tarball = pack(room);
  const modules = join(install(tarball, join(room, "installed")), "..");
  const files = globSync("**", { cwd: modules }).filter((file) => lstatSync(join(modules, file)).isFile());
  const bytes = files.reduce((sum, file) => sum + statSync(join(modules, file)).size, 0);
  const packages = files.filter((file) => PACKAGE.test(file));
  return Promise.resolve({
    figures: [
      figure([packages.length], "packages", { target: { atMost: 12 } }),
      figure([bytes / 1e6], "MB", { name: "size", target: { atMost: 25 } }),
      figure([files.length], "files", { name: "in" }),
      figure([statSync(tarball).size / 1e6], "MB", { name: "to fetch" }),
    ],
  });
}
